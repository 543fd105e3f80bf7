package beacon

import (
	"encoding/binary"
	"fmt"
)

// The versions of a ZRE beacon.
const (
	ZRE1 = 1 // RFC 36: 22 bytes, a node in clear
	ZRE3 = 3 // RFC 43: 54 bytes, a node with a CURVE key
)

const (
	zreSize1 = 4 + 16 + 2
	zreSize3 = zreSize1 + 32
)

// A ZRE is what a ZRE (zyre) node says in its beacon. The node's address is not
// in it: it is the source address of the datagram.
type ZRE struct {
	Version   uint8 // ZRE3 says PublicKey; any other value is written as ZRE1
	UUID      [16]byte
	Port      uint16 // where the node's mailbox listens on TCP; 0 when it leaves
	PublicKey [32]byte
}

// Leaving reports whether the beacon is a goodbye. It can be forged: a peer that
// still answers has not left.
func (z ZRE) Leaving() bool { return z.Port == 0 }

// Append appends the beacon's bytes to b: "ZRE", the version, the UUID, the port
// in network order, and in version 3 the public key.
func (z ZRE) Append(b []byte) []byte {
	version := byte(ZRE1)
	if z.Version == ZRE3 {
		version = ZRE3
	}
	b = append(b, 'Z', 'R', 'E', version)
	b = append(b, z.UUID[:]...)
	b = binary.BigEndian.AppendUint16(b, z.Port)
	if version == ZRE3 {
		b = append(b, z.PublicKey[:]...)
	}
	return b
}

// ParseZRE reads a beacon. It takes only the exact length of each version, and
// refuses a version 3 beacon whose key is zero.
//
// https://rfc.zeromq.org/spec/36/: "A valid beacon SHALL use a recognized header
// and a body of the correct size. A node that receives an invalid beacon SHALL
// discard it silently."
func ParseZRE(b []byte) (ZRE, error) {
	var z ZRE
	if len(b) < 4 || string(b[:3]) != "ZRE" {
		return z, fmt.Errorf("%w: does not start with ZRE and a version", ErrMalformed)
	}
	size := zreSize1
	switch b[3] {
	case ZRE1:
	case ZRE3:
		size = zreSize3
	default:
		return z, fmt.Errorf("%w: version %d: must be %d or %d", ErrMalformed, b[3], ZRE1, ZRE3)
	}
	if len(b) != size {
		return z, fmt.Errorf("%w: %d bytes: version %d has %d", ErrMalformed, len(b), b[3], size)
	}
	z.Version = b[3]
	copy(z.UUID[:], b[4:20])
	z.Port = binary.BigEndian.Uint16(b[20:22])
	copy(z.PublicKey[:], b[22:])
	if z.Version == ZRE3 && z.PublicKey == [32]byte{} {
		return ZRE{}, fmt.Errorf("%w: version %d with a public key of zeros", ErrMalformed, ZRE3)
	}
	return z, nil
}
