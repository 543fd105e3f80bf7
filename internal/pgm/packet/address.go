package packet

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// familyIPv4 is the address family number (IANA AFI) of the addresses in packets.
const familyIPv4 = 1

// nlaSize is an address with its family.
const nlaSize = 8

// parseNLA reads a network-layer address.
func parseNLA(p []byte) (netip.Addr, error) {
	if len(p) < nlaSize {
		return netip.Addr{}, fmt.Errorf("%w: %d bytes of an address", ErrShort, len(p))
	}
	if afi := binary.BigEndian.Uint16(p); afi != familyIPv4 {
		return netip.Addr{}, fmt.Errorf("%w: family %d", ErrFamily, afi)
	}
	return netip.AddrFrom4([4]byte(p[4:8])), nil
}

// appendNLA appends an IPv4 address.
func appendNLA(dst []byte, a netip.Addr) []byte {
	dst = append(dst, 0, familyIPv4, 0, 0)
	b := a.As4()
	return append(dst, b[:]...)
}
