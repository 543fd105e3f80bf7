package gossip

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is its state: what is inside is at work.
func (n *Node) String() string {
	return figures.Title("gossip.Node", "", n.life.State())
}

// GoString is String, for %#v.
func (n *Node) GoString() string { return n.String() }

// String is its prefix and the state of its node: what is inside is at work.
func (d *Discoverer) String() string {
	return figures.Title("gossip.Discoverer", d.prefix, d.node.life.State())
}

// GoString is String, for %#v.
func (d *Discoverer) GoString() string { return d.String() }
