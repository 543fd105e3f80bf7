package packet

import "encoding/binary"

// add adds the 16-bit words of p to a sum of the internet checksum (RFC 1071). p
// begins at an even offset of its packet.
func add(sum uint64, p []byte) uint64 {
	for len(p) >= 4 {
		sum += uint64(binary.BigEndian.Uint32(p))
		p = p[4:]
	}
	switch len(p) {
	case 3:
		sum += uint64(binary.BigEndian.Uint16(p))<<16 + uint64(p[2])<<8
	case 2:
		sum += uint64(binary.BigEndian.Uint16(p)) << 16
	case 1:
		sum += uint64(p[0]) << 24
	}
	return sum
}

// fold brings a sum down to 16 bits.
func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// seal writes the checksum of a packet whose checksum field is zero.
func seal(p []byte) {
	sum := ^fold(add(0, p))
	if sum == 0 {
		sum = 0xffff // zero would say that there is none
	}
	binary.BigEndian.PutUint16(p[6:], sum)
}
