package packet

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Type is the kind of a packet.
type Type uint8

// The types of RFC 3208, section 8.
const (
	TypeSPM   Type = 0x00
	TypePOLL  Type = 0x01
	TypePOLR  Type = 0x02
	TypeODATA Type = 0x04
	TypeRDATA Type = 0x05
	TypeNAK   Type = 0x08
	TypeNNAK  Type = 0x09
	TypeNCF   Type = 0x0a
	TypeSPMR  Type = 0x0c
	TypeACK   Type = 0x0d
)

// Bits of a header's options field.
const (
	optPresent     = 0x01
	optSignificant = 0x02 // an option concerns network elements, as a NAK's list does
	optParity      = 0x80
)

// HeaderSize is what every packet begins with.
const HeaderSize = 16

// GSI is a source's globally unique name.
type GSI [6]byte

// TSI names one transport session: a source has as many as it has ports.
type TSI struct {
	GSI  GSI
	Port uint16
}

// String is the name in the form of OpenPGM, the source's six bytes and its port.
func (t TSI) String() string { return fmt.Sprintf("%s.%d", hex.EncodeToString(t.GSI[:]), t.Port) }

// Header is what all packets have in common. Packets of a source carry its own port
// as SourcePort and that of the group as DestPort; those that go to it, the other
// way round. The GSI is always the source's.
type Header struct {
	SourcePort, DestPort uint16
	Type                 Type
	GSI                  GSI

	options byte
	data    int // length of the payload
}

// Upstream reports whether packets of this type go to the source.
func (h *Header) Upstream() bool {
	switch h.Type {
	case TypeNAK, TypeNNAK, TypeSPMR, TypePOLR, TypeACK:
		return true
	}
	return false
}

// TSI is the session that the packet belongs to, whichever way it goes.
func (h *Header) TSI() TSI {
	if h.Upstream() {
		return TSI{h.GSI, h.DestPort}
	}
	return TSI{h.GSI, h.SourcePort}
}

// Group is the port of the group that the packet belongs to.
func (h *Header) Group() uint16 {
	if h.Upstream() {
		return h.SourcePort
	}
	return h.DestPort
}

// ParseHeader reads the header and verifies the checksum of the whole packet. The
// rest is what stands behind the header.
func ParseHeader(p []byte) (h Header, rest []byte, err error) {
	if len(p) < HeaderSize {
		return h, nil, fmt.Errorf("%w: %d bytes, a header has %d", ErrShort, len(p), HeaderSize)
	}
	h = Header{
		SourcePort: binary.BigEndian.Uint16(p),
		DestPort:   binary.BigEndian.Uint16(p[2:]),
		Type:       Type(p[4]),
		options:    p[5],
		GSI:        GSI(p[8:14]),
		data:       int(binary.BigEndian.Uint16(p[14:])),
	}
	if err := h.verify(p); err != nil {
		return h, nil, err
	}
	return h, p[HeaderSize:], nil
}

// verify checks the checksum. RFC 3208, section 8: it covers the whole packet, a sum
// of zero is sent as all ones, a field of zero says that there is none, and data
// packets must have one.
func (h *Header) verify(p []byte) error {
	if binary.BigEndian.Uint16(p[6:]) == 0 {
		if h.Type == TypeODATA || h.Type == TypeRDATA {
			return fmt.Errorf("%w: a data packet has none", ErrChecksum)
		}
		return nil
	}
	if sum := fold(add(0, p)); sum != 0xffff {
		return fmt.Errorf("%w: the sum is %#04x", ErrChecksum, sum)
	}
	return nil
}

// append appends the header of a packet whose payload has n bytes; seal then
// completes it.
func (h Header) append(dst []byte, t Type, options byte, n int) []byte {
	dst = binary.BigEndian.AppendUint16(dst, h.SourcePort)
	dst = binary.BigEndian.AppendUint16(dst, h.DestPort)
	dst = append(dst, byte(t), options, 0, 0)
	dst = append(dst, h.GSI[:]...)
	return binary.BigEndian.AppendUint16(dst, uint16(n))
}
