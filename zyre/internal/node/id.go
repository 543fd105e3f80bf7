package node

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// ID is a node's UUID.
type ID [16]byte

// String writes it as zyre does: 32 upper-case hexadecimal digits.
func (id ID) String() string { return strings.ToUpper(hex.EncodeToString(id[:])) }

// ParseID reads 32 hexadecimal digits of either case.
func ParseID(text string) (id ID, ok bool) {
	if len(text) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(text))
	return id, err == nil
}

func (id ID) compare(o ID) int { return bytes.Compare(id[:], o[:]) }

// RoutingID is the identity of a node's DEALERs, by which a peer knows whose
// messages it gets: the octet 1 and the UUID, as RFC 36 has it.
func (id ID) RoutingID() string { return "\x01" + string(id[:]) }

// ParseRoutingID is the inverse of RoutingID.
func ParseRoutingID(b []byte) (id ID, ok bool) {
	if len(b) != 1+len(id) || b[0] != 1 {
		return id, false
	}
	return ID(b[1:]), true
}
