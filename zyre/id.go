package zyre

import (
	"fmt"

	"github.com/go-zactor/zactor/zyre/internal/node"
)

// ID is a node's UUID.
type ID [16]byte

// String is the UUID as zyre writes it: 32 upper-case hexadecimal digits.
func (id ID) String() string { return node.ID(id).String() }

// ParseID reads what String writes.
func ParseID(text string) (ID, error) {
	id, ok := node.ParseID(text)
	if !ok {
		return ID{}, fmt.Errorf("zyre: UUID %q: must be 32 hexadecimal digits", text)
	}
	return ID(id), nil
}
