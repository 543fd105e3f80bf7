package lazypirate

import (
	"github.com/go-zactor/zactor/internal/figures"
)

// String is what it has done: what is inside is at work.
func (c *Caller) String() string {
	return figures.Title("lazypirate.Caller", "", c.Stats().String())
}

// GoString is String, for %#v.
func (c *Caller) GoString() string { return c.String() }
