package packet

import (
	"encoding/binary"
	"fmt"
)

// DataOverhead is what a data packet adds to its payload.
const DataOverhead = HeaderSize + 8

// Data is an ODATA or RDATA packet: original or repeated data.
type Data struct {
	Sqn   uint32
	Trail uint32 // the oldest packet that the source can repeat
	Body  []byte // the payload, a part of the packet's bytes
}

// Data reads what stands behind the header of an ODATA or RDATA.
func (h *Header) Data(rest []byte) (Data, error) {
	if len(rest) < 8 {
		return Data{}, fmt.Errorf("%w: a data packet with %d bytes behind its header", ErrShort, len(rest))
	}
	if h.options&optParity != 0 {
		return Data{}, fmt.Errorf("%w: a parity packet", ErrOption)
	}
	d := Data{Sqn: binary.BigEndian.Uint32(rest), Trail: binary.BigEndian.Uint32(rest[4:]), Body: rest[8:]}
	if h.options&optPresent != 0 {
		list, err := splitOptions(d.Body)
		if err != nil {
			return Data{}, err
		}
		if list.has(optionFragment) {
			return Data{}, fmt.Errorf("%w: a fragment", ErrOption)
		}
		d.Body = d.Body[len(list.all):]
	}
	if len(d.Body) != h.data {
		return Data{}, fmt.Errorf("%w: a payload of %d bytes is said to have %d", ErrLength, len(d.Body), h.data)
	}
	return d, nil
}

// AppendData appends an ODATA packet.
func (h Header) AppendData(dst []byte, d Data) []byte {
	at := len(dst)
	dst = h.append(dst, TypeODATA, 0, len(d.Body))
	dst = binary.BigEndian.AppendUint32(dst, d.Sqn)
	dst = binary.BigEndian.AppendUint32(dst, d.Trail)
	dst = append(dst, d.Body...)
	seal(dst[at:])
	return dst
}

// Repeat makes an RDATA out of a data packet of our own, in place.
func Repeat(p []byte, trail uint32) {
	p[4] = byte(TypeRDATA)
	binary.BigEndian.PutUint32(p[HeaderSize+4:], trail)
	p[6], p[7] = 0, 0
	seal(p)
}
