package zyre

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is its name and state: what is inside is at work.
func (n *Node) String() string {
	return figures.Title("zyre.Node", n.Name(), n.life.State())
}

// GoString is String, for %#v.
func (n *Node) GoString() string { return n.String() }
