package remote

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is the name of its node, and its state: what is inside is at work.
func (s *Space) String() string {
	return figures.Title("remote.Space", s.node.Name(), s.life.State())
}

// GoString is String, for %#v.
func (s *Space) GoString() string { return s.String() }

// String is the name of what it finds, and the state of its space: what is inside is at work.
func (c *Client[M]) String() string {
	return figures.Title("remote.Client", c.name, c.space.life.State())
}

// GoString is String, for %#v.
func (c *Client[M]) GoString() string { return c.String() }
