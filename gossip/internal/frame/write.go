package frame

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

const (
	signature = 0xAAA0
	version   = 1

	mark        = "ZX\x01"
	trailerSize = len(mark) + 1 + 8
	deleted     = 1 // the flag
)

// Append appends m to b. The trailer is written if Ours is set.
//
// Errors: ErrMalformed for a kind that does not exist, and those of Check.
func (m *Message) Append(b []byte) ([]byte, error) {
	if m.Kind < Hello || m.Kind > Invalid {
		return b, fmt.Errorf("%w: kind %d: must be 1 to %d", ErrMalformed, m.Kind, Invalid)
	}
	w := append(binary.BigEndian.AppendUint16(b, signature), byte(m.Kind), version)
	if m.Kind == Publish {
		if err := Check(m.Key, m.Value); err != nil {
			return b, err
		}
		w = append(append(w, byte(len(m.Key))), m.Key...)
		w = append(binary.BigEndian.AppendUint32(w, uint32(len(m.Value))), m.Value...)
		w = binary.BigEndian.AppendUint32(w, m.TTL)
	}
	if !m.Ours {
		return w, nil
	}
	flags := byte(0)
	if m.Deleted {
		flags = deleted
	}
	return binary.BigEndian.AppendUint64(append(append(w, mark...), flags), m.Number), nil
}

// Check says whether a key and a value can be said: a key has 1 to 255 bytes, and
// neither has a byte of zero, where the strings of zgossip end.
//
// Errors: ErrInvalid.
func Check(key, value string) error {
	switch {
	case key == "" || len(key) > MaxKey:
		return fmt.Errorf("%w: key %.40q of %d bytes: must have 1 to %d", ErrInvalid, key, len(key), MaxKey)
	case strings.IndexByte(key, 0) >= 0:
		return fmt.Errorf("%w: key %.40q: has a byte of zero, where zgossip's strings end", ErrInvalid, key)
	case uint64(len(value)) > math.MaxUint32:
		return fmt.Errorf("%w: value of %d bytes: at most %d", ErrInvalid, len(value), uint32(math.MaxUint32))
	case strings.IndexByte(value, 0) >= 0:
		return fmt.Errorf("%w: value %.40q: has a byte of zero, where zgossip's strings end", ErrInvalid, value)
	}
	return nil
}
