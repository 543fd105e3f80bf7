package packet

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// SPM is a source path message: where the source is, and what it can repeat.
type SPM struct {
	Sqn   uint32 // of SPMs
	Trail uint32 // the oldest packet that the source can repeat
	Lead  uint32 // the newest one; Trail-1 when there is none yet
	NLA   netip.Addr
	Fin   bool // the source has ended
}

// SPM reads what stands behind the header of an SPM.
func (h *Header) SPM(rest []byte) (s SPM, err error) {
	if len(rest) < 12+nlaSize {
		return s, fmt.Errorf("%w: an SPM with %d bytes behind its header", ErrShort, len(rest))
	}
	s.Sqn = binary.BigEndian.Uint32(rest)
	s.Trail = binary.BigEndian.Uint32(rest[4:])
	s.Lead = binary.BigEndian.Uint32(rest[8:])
	if s.NLA, err = parseNLA(rest[12:]); err != nil {
		return SPM{}, err
	}
	if h.options&optPresent != 0 {
		list, err := splitOptions(rest[12+nlaSize:])
		if err != nil {
			return SPM{}, err
		}
		s.Fin = list.has(optionFin)
	}
	return s, nil
}

// AppendSPM appends an SPM. Its NLA is an IPv4 address.
func (h Header) AppendSPM(dst []byte, s SPM) []byte {
	at := len(dst)
	var present byte
	if s.Fin {
		present = optPresent
	}
	dst = h.append(dst, TypeSPM, present, 0)
	dst = binary.BigEndian.AppendUint32(dst, s.Sqn)
	dst = binary.BigEndian.AppendUint32(dst, s.Trail)
	dst = binary.BigEndian.AppendUint32(dst, s.Lead)
	dst = appendNLA(dst, s.NLA)
	if s.Fin {
		dst = appendOption(dst, optionFin, []byte{0, 0})
	}
	seal(dst[at:])
	return dst
}

// AppendSPMR appends a request for an SPM.
func (h Header) AppendSPMR(dst []byte) []byte {
	at := len(dst)
	dst = h.append(dst, TypeSPMR, 0, 0)
	seal(dst[at:])
	return dst
}
