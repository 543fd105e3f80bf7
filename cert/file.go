package cert

import (
	"fmt"
	"strings"
	"time"
)

// MaxFileSize is the most that a certificate file may have.
const MaxFileSize = 64 << 10

// The comments that czmq puts above certificates; %s is the local time.
const (
	publicHeader = `#   ****  Generated on %s by CZMQ  ****
#   ZeroMQ CURVE Public Certificate
#   Exchange securely, or use a secure mechanism to verify the contents
#   of this file after exchange. Store public certificates in your home
#   directory, in the .curve subdirectory.

`
	secretHeader = `#   ****  Generated on %s by CZMQ  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

`
)

// EncodePublic returns the text of the public file.
func (c *Cert) EncodePublic() ([]byte, error) { return c.encode(publicHeader, false, time.Now()) }

// encode writes what czmq would, except that it quotes a value with double
// quotes in single ones, and fails where czmq would write a broken file.
func (c *Cert) encode(header string, secret bool, now time.Time) ([]byte, error) {
	b := fmt.Appendf(nil, header, now.Format(time.DateTime))
	b = append(b, "metadata\n"...)
	var err error
	for name, value := range c.AllMeta() {
		if err = checkMeta(name, value); err != nil {
			return nil, err
		}
		if b, err = appendValue(b, 1, name, value); err != nil {
			return nil, err
		}
	}
	b = append(b, "curve\n"...)
	b = fmt.Appendf(b, "    public-key = \"%s\"\n", c.Public())
	if secret {
		b = fmt.Appendf(b, "    secret-key = \"%s\"\n", keyText(c.secret.Expose()))
	}
	if len(b) > MaxFileSize {
		return nil, fmt.Errorf("%w: %d bytes of certificate: the limit is %d", ErrTooLarge, len(b), MaxFileSize)
	}
	return b, nil
}

// Parse reads the text of a certificate file, public or secret. A secret key of
// zeros, which czmq writes for none, is none.
func Parse(text []byte) (*Cert, error) {
	c, err := parse(text)
	if err != nil {
		return nil, wrap("", err)
	}
	return c, nil
}

func parse(text []byte) (*Cert, error) {
	if len(text) > MaxFileSize {
		return nil, fmt.Errorf("%w: %w: more than %d bytes", ErrMalformed, ErrTooLarge, MaxFileSize)
	}
	root, err := ParseZPL(text)
	if err != nil {
		return nil, err
	}
	c, err := fromZPL(root)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return c, nil
}

func fromZPL(root *ZPL) (*Cert, error) {
	curve, err := only(root, "curve")
	if err != nil {
		return nil, err
	}
	if curve == nil {
		return nil, fmt.Errorf("no curve section")
	}
	c := new(Cert)
	if c.public, err = keyOf(curve, "public-key"); err != nil {
		return nil, err
	}
	if err := checkPublic(c.public); err != nil {
		return nil, fmt.Errorf("public-key: %w", err)
	}
	if curve.Child("secret-key") != nil {
		key, err := keyOf(curve, "secret-key")
		if err != nil {
			return nil, err
		}
		c.secret = NewSecret(key)
	}
	return c, c.readMeta(root)
}

// only returns the child of that name. Two of them would leave open which one
// counts.
func only(z *ZPL, name string) (*ZPL, error) {
	var found *ZPL
	for _, child := range z.Children {
		if child.Name != name {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		found = child
	}
	return found, nil
}

func keyOf(curve *ZPL, name string) (key [32]byte, err error) {
	item, err := only(curve, name)
	if err != nil {
		return key, err
	}
	if item == nil {
		return key, fmt.Errorf("no %s", name)
	}
	if key, err = parseKey(item.Value); err != nil {
		return key, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// readMeta takes the values of the metadata section, of those with the same name
// the first, as czmq does.
func (c *Cert) readMeta(root *ZPL) error {
	section, err := only(root, "metadata")
	if err != nil || section == nil {
		return err
	}
	seen := make(map[string]bool, len(section.Children))
	for _, child := range section.Children {
		if len(child.Name) > maxMetaName {
			return fmt.Errorf("metadata name of %d bytes: the limit is %d", len(child.Name), maxMetaName)
		}
		if !seen[child.Name] {
			seen[child.Name] = true
			c.meta = append(c.meta, property{strings.Clone(child.Name), strings.Clone(child.Value)})
		}
	}
	return nil
}
