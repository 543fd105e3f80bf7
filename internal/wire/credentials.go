package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

const redacted = "[redacted]"

// Credentials are what a peer shows to the authenticator. However they are
// printed, the password does not appear, and of the key only a fingerprint.
type Credentials struct {
	Mechanism string // "NULL", "PLAIN" or "CURVE"
	Username  []byte // PLAIN; 0 to 255 bytes
	Password  []byte // PLAIN; 0 to 255 bytes
	PublicKey []byte // CURVE; 32 bytes, proven to be the peer's
}

// String describes the credentials without their secrets.
func (c Credentials) String() string {
	switch {
	case c.PublicKey != nil:
		return c.Mechanism + " key " + fingerprint(c.PublicKey)
	case c.Username != nil || c.Password != nil:
		return c.Mechanism + " user " + Quote(c.Username) + " password " + redacted
	}
	return c.Mechanism
}

// Format prints String for every verb, because %x and %#v would print the fields.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalJSON returns String as a JSON string.
func (c Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// LogValue returns String for log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// clone copies the credentials out of buffers that their mechanism will clear.
func (c Credentials) clone() Credentials {
	c.Username = slices.Clone(c.Username)
	c.Password = slices.Clone(c.Password)
	c.PublicKey = slices.Clone(c.PublicKey)
	return c
}

// fingerprint names a public key in a log, where the key itself would invite
// a user to paste it into an allow list.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}
