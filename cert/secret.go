package cert

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret is a CURVE secret key that does not show itself: printed by any verb,
// logged, or marshalled, it is "[redacted]". Its copies share one key, so that
// Clear clears them all. The zero Secret is none.
//
// Nothing in Go can promise that no copy is left in memory, on a stack or in
// swap; Clear removes the one that lasts.
type Secret struct {
	// key is nil, or returns where the bytes are. It is a closure because package
	// fmt does not ask an unexported field how it wants to be printed, and prints
	// what it points to for a verb like %s; at a function, all printing ends.
	key func() *[32]byte
}

// NewSecret keeps a copy of key. A key of zeros makes the zero Secret.
func NewSecret(key [32]byte) Secret {
	if key == [32]byte{} {
		return Secret{}
	}
	return Secret{key: func() *[32]byte { return &key }}
}

// Expose returns the key itself, or zeros if there is none.
func (s Secret) Expose() [32]byte {
	if s.key == nil {
		return [32]byte{}
	}
	return *s.key()
}

// IsZero reports whether there is no key, or it was cleared.
func (s Secret) IsZero() bool { return s.Expose() == [32]byte{} }

// Clear overwrites the key with zeros, for all copies of the Secret.
func (s Secret) Clear() {
	if s.key != nil {
		clear(s.key()[:])
	}
}

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	a, b := s.Expose(), other.Expose()
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]", for JSON, XML and zerolog among others.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
