package wire

import "encoding/binary"

// The flag bits of a frame in ZMTP 2.0 and 3.x.
const (
	FlagMore    = 1 // another frame of the same message follows
	FlagLarge   = 2 // the size takes eight bytes; codec business only
	FlagCommand = 4 // the body is a command, not a part of a message
)

const (
	shortHeader = 2
	largeHeader = 9
	maxShort    = 255
)

var (
	errReservedFlags = &ProtocolError{Code: CodeUnspecified, Reason: "reserved bits set in the flags of a frame"}
	errCommandMore   = &ProtocolError{Code: CodeUnspecified, Reason: "command frame with the MORE flag"}
)

// ParseHeader reads the header of a frame of ZMTP 2.0 or 3.x at the start of p.
// It returns the flags as they came, the length of the header and the size of
// the body. A length of 0 means that p does not yet hold the whole header.
//
// The size is the peer's word and may be anything up to 2^64-1: compare it with
// a limit before converting it.
func ParseHeader(p []byte) (flags byte, hdr int, size uint64, err error) {
	if len(p) >= shortHeader && p[0] <= FlagMore { // nearly every frame there is
		return p[0], shortHeader, uint64(p[1]), nil
	}
	return parseOtherHeader(p)
}

func parseOtherHeader(p []byte) (flags byte, hdr int, size uint64, err error) {
	if len(p) == 0 {
		return 0, 0, 0, nil
	}
	flags = p[0]
	switch {
	case flags > FlagMore|FlagLarge|FlagCommand:
		// RFC 37: "Bits 7-3 are reserved for future use and MUST be zero."
		return 0, 0, 0, errReservedFlags
	case flags&FlagCommand != 0 && flags&FlagMore != 0:
		// RFC 37 on MORE: "This bit SHALL be zero on command frames."
		return 0, 0, 0, errCommandMore
	case flags&FlagLarge == 0 && len(p) >= shortHeader:
		return flags, shortHeader, uint64(p[1]), nil
	case flags&FlagLarge != 0 && len(p) >= largeHeader:
		return flags, largeHeader, binary.BigEndian.Uint64(p[1:]), nil
	}
	return 0, 0, 0, nil
}

// HeaderSize is how many bytes AppendHeader appends.
func HeaderSize(size int) int {
	if size <= maxShort {
		return shortHeader
	}
	return largeHeader
}

// AppendHeader appends the header of a frame of size bytes in ZMTP 2.0 or 3.x.
// It decides about LARGE by itself, whatever the caller's flags say.
func AppendHeader(dst []byte, flags byte, size int) []byte {
	flags &^= FlagLarge
	if size <= maxShort {
		return append(dst, flags, byte(size))
	}
	return binary.BigEndian.AppendUint64(append(dst, flags|FlagLarge), uint64(size))
}
