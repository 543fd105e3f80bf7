package packet

import "errors"

// What is wrong with a packet. The texts of the errors that Parse functions return
// say more; a packet that has any of them is dropped.
var (
	// ErrShort: the packet ends before its fields do.
	ErrShort = errors.New("pgm packet is cut short")
	// ErrChecksum: the checksum is wrong, or missing where it must not be.
	ErrChecksum = errors.New("pgm checksum does not match")
	// ErrLength: a length field contradicts the length of the packet.
	ErrLength = errors.New("pgm length fields contradict each other")
	// ErrFamily: an address is not of IPv4.
	ErrFamily = errors.New("pgm address is not of ipv4")
	// ErrOption: the packet makes no sense without an option that is not known here,
	// as a fragment or a parity packet.
	ErrOption = errors.New("pgm option is not supported")
)
