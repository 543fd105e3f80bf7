package lastvalue

import (
	"strings"

	"github.com/go-zactor/zactor/internal/figures"
)

// String is where it binds and what it has done: what is inside is at work.
func (c *Cache) String() string {
	return figures.Title("lastvalue.Cache", strings.Join(c.c.bind, ","), c.Stats().String())
}

// GoString is String, for %#v.
func (c *Cache) GoString() string { return c.String() }
