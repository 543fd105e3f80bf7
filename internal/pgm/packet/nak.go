package packet

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// MaxList is how many packets one NAK or NCF can name: one in its body and 62 in
// its list (RFC 3208, section 9.3).
const MaxList = 63

// NAK is a NAK or an NCF: packets that are missing, or the confirmation that they
// are known to be.
type NAK struct {
	Sqns   []uint32 // 1 to MaxList
	Source netip.Addr
	Group  netip.Addr
}

// NAK reads what stands behind the header of a NAK, NNAK or NCF.
func (h *Header) NAK(rest []byte) (n NAK, err error) {
	if len(rest) < 4+2*nlaSize {
		return n, fmt.Errorf("%w: a NAK with %d bytes behind its header", ErrShort, len(rest))
	}
	if h.options&optParity != 0 {
		return n, fmt.Errorf("%w: a NAK for parity packets", ErrOption)
	}
	if n.Source, err = parseNLA(rest[4:]); err != nil {
		return NAK{}, err
	}
	if n.Group, err = parseNLA(rest[4+nlaSize:]); err != nil {
		return NAK{}, err
	}
	n.Sqns = []uint32{binary.BigEndian.Uint32(rest)}
	if h.options&optPresent == 0 {
		return n, nil
	}
	list, err := splitOptions(rest[4+2*nlaSize:])
	if err != nil {
		return NAK{}, err
	}
	n.Sqns, err = appendList(n.Sqns, list.find(optionNAKList))
	return n, err
}

// appendList appends the numbers of an OPT_NAK_LIST, which is nil when there is
// none. It begins with two bytes of flags.
func appendList(sqns []uint32, list []byte) ([]uint32, error) {
	if list == nil {
		return sqns, nil
	}
	if list = list[2:]; len(list)%4 != 0 || len(list)/4 >= MaxList {
		return nil, fmt.Errorf("%w: a NAK list of %d bytes", ErrLength, len(list))
	}
	for ; len(list) > 0; list = list[4:] {
		sqns = append(sqns, binary.BigEndian.Uint32(list))
	}
	return sqns, nil
}

// AppendNAK appends a NAK, or an NCF when that is t.
func (h Header) AppendNAK(dst []byte, t Type, n NAK) []byte {
	at := len(dst)
	var present byte
	if len(n.Sqns) > 1 {
		present = optPresent | optSignificant
	}
	dst = h.append(dst, t, present, 0)
	dst = binary.BigEndian.AppendUint32(dst, n.Sqns[0])
	dst = appendNLA(appendNLA(dst, n.Source), n.Group)
	if len(n.Sqns) > 1 {
		list := make([]byte, 2, 2+4*(len(n.Sqns)-1))
		for _, sqn := range n.Sqns[1:] {
			list = binary.BigEndian.AppendUint32(list, sqn)
		}
		dst = appendOption(dst, optionNAKList, list)
	}
	seal(dst[at:])
	return dst
}
