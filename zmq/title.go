package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/figures"
)

// String is the number of its sockets and its state: what is inside is at work.
func (c *Context) String() string {
	c.mu.Lock()
	n, closing := len(c.sockets), c.closing || c.terminated
	c.mu.Unlock()
	return figures.Title("zmq.Context", "", fmt.Sprintf("%s, sockets=%d", openOr(closing), n))
}

// GoString is String, for %#v.
func (c *Context) GoString() string { return c.String() }

// String is the number of things in it and its state: what is inside is at work.
func (p *Poller) String() string {
	p.mu.Lock()
	n, closed := len(p.items), p.closed
	p.mu.Unlock()
	return figures.Title("zmq.Poller", "", fmt.Sprintf("%s, items=%d", openOr(closed), n))
}

// GoString is String, for %#v.
func (p *Poller) GoString() string { return p.String() }

func openOr(closed bool) string {
	if closed {
		return "closed"
	}
	return "open"
}
