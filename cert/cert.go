package cert

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"log/slog"
	"slices"
)

// maxMetaName is how long a property name may be in ZMTP, where metadata goes.
const maxMetaName = 255

// A Cert is a public key, maybe with its secret key, and metadata in the order
// in which it was set. It may be read by many goroutines, but not while one
// changes it.
type Cert struct {
	public [32]byte
	secret Secret
	meta   []property
}

type property struct{ name, value string }

// New makes a certificate with a fresh key pair.
func New() (*Cert, error) {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, wrap("new key pair", err)
	}
	return &Cert{
		public: [32]byte(private.PublicKey().Bytes()),
		secret: NewSecret([32]byte(private.Bytes())),
	}, nil
}

// FromPublic makes a certificate from a public key in Z85, 40 characters.
func FromPublic(publicZ85 string) (*Cert, error) {
	key, err := parseKey(publicZ85)
	if err == nil {
		err = checkPublic(key)
	}
	if err != nil {
		return nil, wrap("public key", err) // without the text: it may be the wrong key
	}
	return &Cert{public: key}, nil
}

// FromSecret makes a certificate from a secret key, from which it derives the
// public one.
func FromSecret(key [32]byte) (*Cert, error) {
	public, err := publicOf(NewSecret(key))
	if err != nil {
		return nil, wrap("", err)
	}
	return &Cert{public: public, secret: NewSecret(key)}, nil
}

// FromKeys makes a certificate from both keys in Z85, which must be a pair.
func FromKeys(publicZ85, secretZ85 string) (*Cert, error) {
	c, err := FromPublic(publicZ85)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(secretZ85)
	if err != nil {
		return nil, wrap("secret key", err)
	}
	c.secret = NewSecret(key)
	if err := c.Verify(); err != nil {
		return nil, err
	}
	return c, nil
}

// parseKey decodes a key. Its errors do not show the text.
func parseKey(z85 string) (key [32]byte, err error) {
	if len(z85) != 40 {
		return key, fmt.Errorf("%w: %d characters: a key has 40", ErrZ85, len(z85))
	}
	data, err := DecodeZ85(z85)
	if err != nil {
		return key, err
	}
	return [32]byte(data), nil
}

// checkPublic refuses the points of low order, zero among them. Every scalar of
// X25519 is a multiple of eight, and so takes each of them to zero, which ECDH
// reports; with any other point it can't happen.
func checkPublic(key [32]byte) error {
	point, err := ecdh.X25519().NewPublicKey(key[:])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	one, err := ecdh.X25519().NewPrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	if _, err := one.ECDH(point); err != nil {
		return fmt.Errorf("%w: zero or of low order", ErrInvalidKey)
	}
	return nil
}

func publicOf(s Secret) (key [32]byte, err error) {
	if s.IsZero() {
		return key, fmt.Errorf("%w: a secret key of zeros", ErrInvalidKey)
	}
	bytes := s.Expose()
	private, err := ecdh.X25519().NewPrivateKey(bytes[:])
	if err != nil {
		return key, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return [32]byte(private.PublicKey().Bytes()), nil
}

// Verify returns nil if the certificate has both keys and they are a pair, else
// ErrNoSecret or ErrMismatch. Load does not ask for it, because czmq does not:
// ask before using the certificate as one's own.
func (c *Cert) Verify() error {
	if !c.HasSecret() {
		return fmt.Errorf("%w: %s", ErrNoSecret, c.Fingerprint())
	}
	public, err := publicOf(c.secret)
	if err != nil {
		return wrap("", err)
	}
	if public != c.public {
		return fmt.Errorf("%w: the secret key is not that of %s", ErrMismatch, c.Fingerprint())
	}
	return nil
}

// Public returns the public key in Z85.
func (c *Cert) Public() string { return keyText(c.public) }

// PublicKey returns the public key's bytes.
func (c *Cert) PublicKey() [32]byte { return c.public }

// SecretKey returns the secret key, which is zero in a public certificate.
func (c *Cert) SecretKey() Secret { return c.secret }

// HasSecret reports whether there is a secret key.
func (c *Cert) HasSecret() bool { return !c.secret.IsZero() }

// Fingerprint returns eight hex digits that stand for the public key in logs:
// the start of its SHA-256.
func (c *Cert) Fingerprint() string {
	sum := sha256.Sum256(c.public[:])
	return hex.EncodeToString(sum[:4])
}

// SetMeta sets a value, in its old place or at the end. It refuses with
// ErrUnsafe what could not be written to a file: a name that is not made of
// letters, digits and $-_@.&+/, and a value with control characters or with both
// kinds of quotes.
func (c *Cert) SetMeta(name, value string) error {
	if err := checkMeta(name, value); err != nil {
		return wrap("", err)
	}
	if i := c.find(name); i >= 0 {
		c.meta[i].value = value
		return nil
	}
	c.meta = append(c.meta, property{name, value})
	return nil
}

func checkMeta(name, value string) error {
	if len(name) > maxMetaName {
		return fmt.Errorf("%w: name of %d bytes: the limit is %d", ErrUnsafe, len(name), maxMetaName)
	}
	if err := safeName(name); err != nil {
		return err
	}
	_, err := quoteFor(name, value)
	return err
}

// Meta returns a value, and whether it is set.
func (c *Cert) Meta(name string) (string, bool) {
	if i := c.find(name); i >= 0 {
		return c.meta[i].value, true
	}
	return "", false
}

// UnsetMeta removes a value.
func (c *Cert) UnsetMeta(name string) {
	c.meta = slices.DeleteFunc(c.meta, func(p property) bool { return p.name == name })
}

// AllMeta yields names and values in their order.
func (c *Cert) AllMeta() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, p := range c.meta {
			if !yield(p.name, p.value) {
				return
			}
		}
	}
}

func (c *Cert) find(name string) int {
	return slices.IndexFunc(c.meta, func(p property) bool { return p.name == name })
}

// Clone copies the certificate, with a secret of its own.
func (c *Cert) Clone() *Cert {
	clone := c.withoutSecret()
	clone.secret = NewSecret(c.secret.Expose())
	return clone
}

func (c *Cert) withoutSecret() *Cert {
	return &Cert{public: c.public, meta: slices.Clone(c.meta)}
}

// Equal reports whether keys and metadata are the same.
func (c *Cert) Equal(other *Cert) bool {
	return c.public == other.public && c.secret.Equal(other.secret) && slices.Equal(c.meta, other.meta)
}

// String names the certificate by its fingerprint.
func (c *Cert) String() string { return "cert " + c.Fingerprint() }

// GoString is String.
func (c *Cert) GoString() string { return c.String() }

// LogValue is the fingerprint.
func (c *Cert) LogValue() slog.Value { return slog.StringValue(c.Fingerprint()) }

// keyText can't fail: 32 is a multiple of 4.
func keyText(key [32]byte) string {
	text, _ := EncodeZ85(key[:])
	return text
}
