package zmq4

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/internal/wire"
)

// The properties that ZMTP itself knows.
const (
	propertyType     = "Socket-Type"
	propertyIdentity = "Identity"
)

// Metadata is what one side of a Conn says of itself in the handshake.
type Metadata map[string]string

// MarshalZMTP encodes the properties, in the order of their names. One that ZMTP does not
// know gets the prefix "X-", unless it has that.
func (m Metadata) MarshalZMTP() ([]byte, error) {
	seen := map[string]bool{}
	var b []byte
	for _, name := range slices.Sorted(mapKeys(m)) {
		key := strings.ToLower(name)
		if name == "" || len(name) > 253 || seen[key] {
			return nil, fmt.Errorf("%w: the name %q is empty, too long or there twice", ErrBadProperty, name)
		}
		seen[key] = true
		text := name
		if name != propertyType && name != propertyIdentity && !strings.HasPrefix(key, "x-") {
			text = "X-" + name
		}
		b = wire.AppendProperty(b, text, []byte(m[name]))
	}
	return b, nil
}

func mapKeys(m Metadata) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// UnmarshalZMTP adds the properties that p has. Names are in the form "Socket-Type",
// however the peer writes them.
func (m *Metadata) UnmarshalZMTP(p []byte) error {
	if *m == nil {
		*m = Metadata{}
	}
	for len(p) > 0 {
		var one Property
		n, err := one.Write(p)
		if err != nil {
			return err
		}
		(*m)[textproto.CanonicalMIMEHeaderKey(one.K)] = one.V
		p = p[n:]
	}
	return nil
}

// Property is one entry of Metadata.
type Property struct {
	K string
	V string
}

// Read encodes the property into data, and returns io.EOF, or io.ErrShortBuffer.
func (p Property) Read(data []byte) (n int, err error) {
	if len(p.K) > 255 {
		return 0, fmt.Errorf("%w: a name of %d bytes", ErrBadProperty, len(p.K))
	}
	b := wire.AppendProperty(nil, p.K, []byte(p.V))
	if len(data) < len(b) {
		return 0, io.ErrShortBuffer
	}
	return copy(data, b), io.EOF
}

// Write reads the property at the start of data, and returns how many bytes it has.
func (p *Property) Write(data []byte) (n int, err error) {
	if len(data) == 0 || len(data) < 1+int(data[0])+4 {
		return 0, io.ErrUnexpectedEOF
	}
	k := 1 + int(data[0])
	size := uint64(binary.BigEndian.Uint32(data[k:]))
	if size > uint64(len(data)-k-4) {
		return 0, io.ErrUnexpectedEOF
	}
	end := k + 4 + int(size)
	p.K, p.V = string(data[1:k]), string(data[k+4:end])
	return end, nil
}
