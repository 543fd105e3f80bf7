package wire

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Limits on the metadata of a peer, who is not authenticated while we read it.
const (
	MaxMetadata   = 8 << 10
	MaxProperties = 64
	MaxIdentity   = 255

	maxPropertyName = 255
)

// The names of the properties that the protocol itself gives a meaning.
const (
	propSocketType = "Socket-Type"
	propIdentity   = "Identity"
	propOurs       = "X-Zactor" // says that a Denial is understood
)

// Property is one entry of the metadata that peers tell each other.
type Property struct {
	Name  string
	Value []byte
}

// AppendProperty appends a property in the form that it has in READY, INITIATE
// and ZAP replies. The name must have 1 to 255 bytes.
func AppendProperty(dst []byte, name string, value []byte) []byte {
	dst = append(dst, byte(len(name)))
	dst = append(dst, name...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(value)))
	return append(dst, value...)
}

// AppendMetadata appends all properties in order.
func AppendMetadata(dst []byte, properties []Property) []byte {
	for _, p := range properties {
		dst = AppendProperty(dst, p.Name, p.Value)
	}
	return dst
}

// ParseMetadata reads the metadata of a peer, to its last byte. It keeps the
// limits of this package and refuses a name that comes twice: one of the two
// readings of such metadata is not what its author thinks. Values alias b.
func ParseMetadata(b []byte) ([]Property, error) {
	if len(b) > MaxMetadata {
		return nil, Malformed(CodeInvalidMetadata, "metadata of %d bytes, the limit is %d", len(b), MaxMetadata)
	}
	var properties []Property
	for len(b) > 0 {
		name, value, n := cutProperty(b)
		switch {
		case n == 0:
			return nil, Malformed(CodeInvalidMetadata, "metadata ends inside a property")
		case len(name) == 0:
			return nil, Malformed(CodeInvalidMetadata, "property without a name")
		case len(properties) == MaxProperties:
			return nil, Malformed(CodeInvalidMetadata, "more than %d properties", MaxProperties)
		}
		p := Property{Name: string(name), Value: value}
		if _, twice := Lookup(properties, p.Name); twice {
			return nil, Malformed(CodeInvalidMetadata, "property %s comes twice", Quote(name))
		}
		properties = append(properties, p)
		b = b[n:]
	}
	return properties, nil
}

// cutProperty splits the first property off b; n is its length, 0 if b is short.
func cutProperty(b []byte) (name, value []byte, n int) {
	nameEnd := 1 + int(b[0])
	if len(b) < nameEnd+4 {
		return nil, nil, 0
	}
	size := binary.BigEndian.Uint32(b[nameEnd:])
	rest := b[nameEnd+4:]
	if uint64(size) > uint64(len(rest)) {
		return nil, nil, 0
	}
	return b[1:nameEnd], rest[:size:size], nameEnd + 4 + int(size)
}

// Lookup finds a property. RFC 37: "Metadata names SHALL be case-insensitive."
func Lookup(properties []Property, name string) (value []byte, ok bool) {
	for _, p := range properties {
		if strings.EqualFold(p.Name, name) {
			return p.Value, true
		}
	}
	return nil, false
}

// CheckProperties tells whether our own extra properties can be sent: a name of
// 1 to 255 bytes, none twice, none that the protocol fills itself.
func CheckProperties(properties []Property) error {
	size := 0
	for i, p := range properties {
		if len(p.Name) < 1 || len(p.Name) > maxPropertyName {
			return fmt.Errorf("property name %q has %d bytes, want 1 to %d", p.Name, len(p.Name), maxPropertyName)
		}
		if strings.EqualFold(p.Name, propSocketType) || strings.EqualFold(p.Name, propIdentity) {
			return fmt.Errorf("property %q is reserved by the protocol", p.Name)
		}
		if _, twice := Lookup(properties[:i], p.Name); twice {
			return fmt.Errorf("property %q is given twice", p.Name)
		}
		size += 1 + len(p.Name) + 4 + len(p.Value)
	}
	// Socket-Type and Identity share the space with them.
	if room := MaxMetadata - 512; size > room {
		return fmt.Errorf("properties take %d bytes, the limit is %d", size, room)
	}
	if room := MaxProperties - 2; len(properties) > room {
		return fmt.Errorf("%d properties, the limit is %d", len(properties), room)
	}
	return nil
}
