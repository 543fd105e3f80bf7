package ws

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
)

// masking is where in the key of a frame its next byte stands. The zero value is that
// of a frame without a mask.
type masking struct {
	key uint32 // rotated: its first byte, in memory order, is for the next one
	on  bool
}

func maskOf(key [4]byte) masking { return masking{binary.LittleEndian.Uint32(key[:]), true} }

// patternSize is how many bytes are masked at a time, where there are many.
const patternSize = 1 << 10

// apply masks or unmasks b, which is the same, where it stands.
func (m *masking) apply(b []byte) {
	if !m.on {
		return
	}
	if len(b) >= patternSize {
		b = m.bulk(b)
	}
	wide := uint64(m.key)<<32 | uint64(m.key)
	for ; len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
	}
	for i := range b {
		b[i] ^= byte(m.key)
		m.key = m.key>>8 | m.key<<24
	}
}

// bulk masks whole patterns, whose size is a multiple of the key's, and returns the
// rest. The standard library does that with the widest words of the machine.
func (m *masking) bulk(b []byte) (rest []byte) {
	var pattern [patternSize]byte
	for i := 0; i < patternSize; i += 4 {
		binary.LittleEndian.PutUint32(pattern[i:], m.key)
	}
	for len(b) >= patternSize {
		subtle.XORBytes(b[:patternSize], b[:patternSize], pattern[:])
		b = b[patternSize:]
	}
	return b
}

// keys makes the masking keys of a client. RFC 6455: "The masking key MUST be derived
// from a strong source of entropy", and it is asked for many at a time.
type keys struct {
	pool [64 * 4]byte
	left int
}

func (k *keys) next() (key [4]byte) {
	if k.left == 0 {
		_, _ = rand.Read(k.pool[:]) // which never fails
		k.left = len(k.pool)
	}
	k.left -= len(key)
	copy(key[:], k.pool[k.left:])
	return key
}
