package wire

import "encoding/binary"

const (
	shortHeader1 = 2    // length, flags
	largeHeader1 = 10   // 0xFF, eight bytes of length, flags
	largeMark1   = 0xFF // first byte of a long length
)

var (
	errLength1 = &ProtocolError{Code: CodeUnspecified, Reason: "ZMTP 1.0 frame with length zero"}
	errFlags1  = &ProtocolError{Code: CodeUnspecified, Reason: "this is not ZMTP (reserved bits set in the flags of a ZMTP 1.0 frame): is it a ZeroMQ socket?"}
)

// ParseHeader1 is ParseHeader for ZMTP 1.0, where the length on the wire counts
// the flags byte, too. The size it returns is the body's alone.
func ParseHeader1(p []byte) (flags byte, hdr int, size uint64, err error) {
	if len(p) == 0 {
		return 0, 0, 0, nil
	}
	hdr, size = shortHeader1, uint64(p[0])
	if p[0] == largeMark1 {
		if len(p) < largeHeader1-1 {
			return 0, 0, 0, nil
		}
		hdr, size = largeHeader1, binary.BigEndian.Uint64(p[1:])
	}
	if size == 0 {
		return 0, 0, 0, errLength1
	}
	if len(p) < hdr {
		return 0, 0, 0, nil
	}
	if flags = p[hdr-1]; flags > FlagMore {
		return 0, 0, 0, errFlags1
	}
	return flags, hdr, size - 1, nil
}

// AppendHeader1 appends the header of a ZMTP 1.0 frame with a body of size
// bytes. Of the flags only MORE exists in that version.
func AppendHeader1(dst []byte, flags byte, size int) []byte {
	flags &= FlagMore
	length := uint64(size) + 1
	if length < largeMark1 {
		return append(dst, byte(length), flags)
	}
	dst = binary.BigEndian.AppendUint64(append(dst, largeMark1), length)
	return append(dst, flags)
}
