package clone

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is where it binds and what it has done: what is inside is at work.
func (s *Server) String() string {
	return figures.Title("clone.Server", s.c.bind, s.Stats().String())
}

// GoString is String, for %#v.
func (s *Server) GoString() string { return s.String() }

// String is its state: what is inside is at work.
func (k *Client) String() string {
	return figures.Title("clone.Client", "", k.life.State())
}

// GoString is String, for %#v.
func (k *Client) GoString() string { return k.String() }
