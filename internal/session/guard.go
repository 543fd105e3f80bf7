package session

import (
	"net"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
)

// guarded is a Handler whose panics end with the call: what asks it gets an error, which
// ends the connection alone.
type guarded struct{ Handler }

func guard(h Handler) Handler { return guarded{h} }

// call runs fn. A panic is told and returned.
func (g guarded) call(where string, fn func() error) error {
	err := contain.Try(where, fn)
	g.tell(err)
	return err
}

// tell passes a panic on to the socket, as far as that can be told.
func (g guarded) tell(err error) {
	if p, ok := err.(*contain.Panic); ok {
		g.Panicked("", "", p)
	}
}

func (g guarded) do(where string, fn func()) {
	_ = g.call(where, func() error { fn(); return nil })
}

func (g guarded) Welcome(p *queue.Pipe) error {
	return g.call("welcome", func() error { return g.Handler.Welcome(p) })
}

func (g guarded) Claim(peer *link.Peer) (place Place, err error) {
	err = g.call("claim", func() (err error) {
		place, err = g.Handler.Claim(peer)
		return err
	})
	return place, err
}

func (g guarded) Admit(p *queue.Pipe, peer *link.Peer) error {
	return g.call("admit", func() error { return g.Handler.Admit(p, peer) })
}

func (g guarded) Attach(p *queue.Pipe, peer *link.Peer) error {
	return g.call("attach", func() error { return g.Handler.Attach(p, peer) })
}

func (g guarded) Ready(p *queue.Pipe, peer *link.Peer) error {
	return g.call("ready", func() error { return g.Handler.Ready(p, peer) })
}

func (g guarded) Detach(p *queue.Pipe, final bool) {
	g.do("detach", func() { g.Handler.Detach(p, final) })
}

func (g guarded) Refused(c *Connector, p *queue.Pipe, err error) {
	g.do("refused", func() { g.Handler.Refused(c, p, err) })
}

func (g guarded) Unheeded(p *queue.Pipe, reason string) {
	g.do("unheeded", func() { g.Handler.Unheeded(p, reason) })
}

func (g guarded) Event(e link.Event) {
	g.do("event", func() { g.Handler.Event(e) })
}

func (g guarded) Lost(p *queue.Pipe, n int) {
	g.do("lost", func() { g.Handler.Lost(p, n) })
}

func (g guarded) Panicked(endpoint, remote string, p *contain.Panic) {
	_ = contain.Call("panicked", func() { g.Handler.Panicked(endpoint, remote, p) })
}

// hook runs fn, a method of a connection, which may be of a user's making; then it may
// do anything, and gets a goroutine of its own to end.
func hook(where string, nc net.Conn, fn func()) error {
	switch bottom(nc).(type) {
	case *net.TCPConn, *net.UnixConn:
		return contain.Call(where, fn)
	}
	return contain.Apart(where, fn)
}

// panicked tells of a panic in what the connection runs.
func (c *conn) panicked(p *contain.Panic) { c.handler.Panicked(c.endpoint, c.remote, p) }

// tell is panicked for what may be another error. It returns err.
func (c *conn) tell(err error) error {
	if p, ok := err.(*contain.Panic); ok {
		c.panicked(p)
	}
	return err
}

// tellAll is tell for an endpoint.
func tellAll(h Handler, endpoint string, err error) error {
	if p, ok := err.(*contain.Panic); ok {
		h.Panicked(endpoint, "", p)
	}
	return err
}

// closeConn closes nc.
func (c *conn) closeConn() { _ = c.tell(hook("close", c.nc, func() { c.nc.Close() })) }

// askRemote asks nc once for the peer's address.
func (c *conn) askRemote() {
	_ = c.tell(hook("remote address", c.nc, func() { c.remote, c.local = remoteOf(c.nc), localOf(c.nc) }))
}

// peerAddress is the peer's address, which has been asked for when c was made.
func (c *conn) peerAddress() string {
	if c.remote == "" && c.handler == nil { // a test's
		return remoteOf(c.nc)
	}
	return c.remote
}
