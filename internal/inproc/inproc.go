// Package inproc joins sockets of one process by name. It is not a transport:
// there is no wire, two pipes are linked and messages move from one to the other.
package inproc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

var (
	// ErrInUse: the name is bound already.
	ErrInUse = errors.New("inproc name is in use")
	// ErrUnbound: nobody has bound the name.
	ErrUnbound = errors.New("inproc name is not bound")
	// ErrIncompatible: these two socket types do not talk to each other.
	ErrIncompatible = wire.ErrIncompatible
)

// End is one side of a link.
type End struct {
	Handler  link.Handler
	Socket   any // that it belongs to, for Retry
	Type     string
	Identity []byte
	Hello    []byte // the first message to each peer; empty: none
}

// Registry is a namespace. The zero Registry is empty and ready to use.
type Registry struct {
	mu      sync.Mutex
	bound   map[string]*Binding
	waiting map[string][]*Connection // connected before anybody has bound
	refused map[*Connection]struct{} // what a socket has refused
	some    atomic.Bool              // refused is not empty
}

// Binding is a bound name.
type Binding struct {
	End
	reg   *Registry
	name  string
	links map[*Connection]struct{} // guarded by reg.mu
}

// Connection is a connected name. Its pipe outlives the bindings it is linked to.
type Connection struct {
	End
	reg  *Registry
	name string
	pipe *queue.Pipe

	op     sync.Mutex  // held while the link is made or cut, so that sockets hear of one after the other
	doomed atomic.Bool // Stop was called: whoever holds op cuts the link in the end
	again  atomic.Bool // Retry was called: whoever holds op tries to link in the end

	// Guarded by reg.mu.
	to   *Binding    // nil while waiting
	far  *queue.Pipe // the binding's pipe of this link
	gone bool
}

// Bind takes a name. Those that wait already are linked at once.
func (r *Registry) Bind(name string, e End) (*Binding, error) {
	r.mu.Lock()
	if _, taken := r.bound[name]; taken {
		r.mu.Unlock()
		return nil, ErrInUse
	}
	if r.bound == nil {
		r.bound = map[string]*Binding{}
	}
	b := &Binding{End: e, reg: r, name: name, links: map[*Connection]struct{}{}}
	r.bound[name] = b
	waiting := r.waiting[name]
	delete(r.waiting, name)
	for c := range r.refused { // by who had the name before
		if c.name == name {
			waiting = append(waiting, c)
		}
	}
	r.mu.Unlock()
	for _, c := range waiting {
		c.relink()
	}
	return b, nil
}

// relink links c, if its name is bound; one that does not fit goes on waiting.
func (c *Connection) relink() {
	c.op.Lock()
	defer c.release()
	_ = c.link()
}

// Retry tries links again that a socket, or the other side of one of its links, has
// refused: something has changed with it, as a routing id that is free again. It never
// waits for another goroutine, and must be called without a lock of the sockets'.
func (r *Registry) Retry(socket any) {
	if !r.some.Load() {
		return
	}
	r.mu.Lock()
	var list []*Connection
	for c := range r.refused {
		if b := r.bound[c.name]; c.Socket == socket || b != nil && b.Socket == socket {
			list = append(list, c)
		}
	}
	r.mu.Unlock()
	for _, c := range list {
		c.again.Store(true)
		if c.op.TryLock() {
			c.release()
		}
	}
}

// park notes that a socket may refuse c, or takes that back. The caller holds mu.
func (r *Registry) park(c *Connection, on bool) {
	if r.refused == nil {
		r.refused = map[*Connection]struct{}{}
	}
	if on {
		r.refused[c] = struct{}{}
	} else {
		delete(r.refused, c)
	}
	r.some.Store(len(r.refused) > 0)
}

// Connect links p to whoever has bound the name, now or later.
func (r *Registry) Connect(name string, e End, p *queue.Pipe) (*Connection, error) {
	c := &Connection{End: e, reg: r, name: name, pipe: p}
	c.op.Lock()
	defer c.release()
	return c, c.link()
}

// Bound reports whether a socket has bound a name.
func (r *Registry) Bound(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, is := r.bound[name]
	return is
}

// ConnectBound is Connect for who can't wait: it fails unless a socket has bound
// the name. A connection whose binding then ends is detached, and should be
// closed.
func (r *Registry) ConnectBound(name string, e End, p *queue.Pipe) (*Connection, error) {
	if !r.Bound(name) {
		return nil, ErrUnbound
	}
	c, err := r.Connect(name, e, p)
	if err == nil && !c.linked() {
		err = ErrUnbound
	}
	if err != nil {
		c.Stop(err)
		return nil, err
	}
	return c, nil
}

func (c *Connection) linked() bool {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	return c.to != nil
}

// link links c if its name is bound, and lets it wait otherwise. The caller holds
// op.
func (c *Connection) link() error {
	r := c.reg
	r.mu.Lock()
	if c.gone || c.to != nil {
		r.mu.Unlock()
		return nil
	}
	r.park(c, false)
	c.unwait()
	b := r.bound[c.name]
	if b == nil || !wire.Compatible(b.Type, c.Type) {
		c.wait()
		r.mu.Unlock()
		if b != nil {
			return ErrIncompatible
		}
		return nil
	}
	c.to, c.far = b, b.Handler.NewPipe()
	b.links[c] = struct{}{}
	r.park(c, true) // from now on: what changes while the sockets decide must not be missed
	r.mu.Unlock()
	return c.join(b)
}

func (c *Connection) wait() {
	if c.reg.waiting == nil {
		c.reg.waiting = map[string][]*Connection{}
	}
	c.reg.waiting[c.name] = append(c.reg.waiting[c.name], c)
}

// join makes both sockets know each other, and only then lets messages flow, so that
// each knows whom the first one is from. Either may refuse, as a PAIR does that has its
// peer; then c waits for Retry, or for the next one to bind the name.
func (c *Connection) join(b *Binding) error {
	far := link.Side{Handler: b.Handler, Pipe: c.far, Peer: c.peer(c.End)}
	near := link.Side{Handler: c.Handler, Pipe: c.pipe, Peer: c.peer(b.End)}
	far.Peer.Fresh = true
	for _, s := range []link.Side{far, near} {
		s.Pipe.SetOrigin(&buf.Origin{Peer: s.Peer.Info})
	}
	refused, err := link.Attach(func() { c.flow(far.Pipe, b) }, far, near)
	if err != nil {
		c.reg.mu.Lock()
		c.to, c.far = nil, nil
		delete(b.links, c)
		c.reg.mu.Unlock()
		c.part(b, far.Pipe)
		far.Pipe.In.Close()
		other, name := []link.Side{near, far}[refused], "inproc://"+c.name // who has refused knows
		other.Event(link.Event{Kind: link.HandshakeFailedNoDetail, Endpoint: name, Remote: name, Err: err})
	}
	return nil
}

// flow lets messages flow between two sockets that have let each other in.
func (c *Connection) flow(far *queue.Pipe, b *Binding) {
	c.reg.mu.Lock()
	c.reg.park(c, false)
	c.reg.mu.Unlock()
	if len(b.Hello) > 0 {
		far.Out.First(b.Hello)
	}
	if len(c.Hello) > 0 {
		c.pipe.Out.First(c.Hello)
	}
	queue.Join(c.pipe, far)
}

// peer is what a socket is told of the other end.
func (c *Connection) peer(e End) *link.Peer {
	return &link.Peer{
		Result: wire.Result{PeerType: e.Type, PeerIdentity: e.Identity, Mechanism: "NULL"},
		Info:   Origin(c.name, e.Type).Peer, Link: c,
	}
}

// Origin is what messages from a socket of this process point to.
func Origin(name, socketType string) *buf.Origin {
	return &buf.Origin{Peer: &buf.Peer{RemoteAddr: "inproc://" + name, SocketType: socketType, Mechanism: "NULL"}}
}

// release gives op back, and does what Stop and Retry have asked for meanwhile.
func (c *Connection) release() {
	for {
		c.op.Unlock()
		if !c.doomed.Load() && !c.again.Load() || !c.op.TryLock() {
			return // or whoever has it will look
		}
		if c.doomed.Swap(false) {
			c.cut(true)
		}
		if c.again.Swap(false) {
			_ = c.link()
		}
	}
}

// Stop ends the connection. It never waits: when the link is being made or cut it
// ends after that.
func (c *Connection) Stop(error) {
	c.doomed.Store(true)
	if c.op.TryLock() {
		c.release()
	}
}

// cut ends the link that c has, if any; unless it is over with c it waits for the
// next binding. The caller holds op.
func (c *Connection) cut(final bool) {
	r := c.reg
	r.mu.Lock()
	b, far := c.to, c.far
	c.to, c.far = nil, nil
	c.gone = c.gone || final
	if final {
		r.park(c, false)
	}
	if b != nil {
		delete(b.links, c)
	} else {
		c.unwait()
	}
	r.mu.Unlock()
	if b != nil {
		c.part(b, far)
		b.Handler.Detach(far, true) // which may yet put a notice into the inbox
		far.In.Close()
	}
	if final {
		if n := c.pipe.Out.Close(); n > 0 {
			c.Handler.Lost(c.pipe, n)
		}
	}
	if b != nil || final {
		c.Handler.Detach(c.pipe, final)
	}
	if final {
		c.pipe.In.Close()
	}
}

// part takes the two pipes apart.
func (c *Connection) part(b *Binding, far *queue.Pipe) {
	if n := queue.Part(c.pipe, far); n > 0 {
		b.Handler.Lost(far, n)
	}
}

func (c *Connection) unwait() {
	list := c.reg.waiting[c.name]
	for i, w := range list {
		if w == c {
			c.reg.waiting[c.name] = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(c.reg.waiting[c.name]) == 0 {
		delete(c.reg.waiting, c.name)
	}
}

// Close ends the connection; the other side may still read what it was sent. Until
// ctx ends it waits for a binder to take what waits for a binding.
func (c *Connection) Close(ctx context.Context) {
	c.pipe.Out.Leave()
	select {
	case <-c.pipe.Out.Idle():
	case <-ctx.Done():
	}
	c.op.Lock()
	defer c.release()
	c.cut(true)
}

// Pipe is the connecting side's pipe.
func (c *Connection) Pipe() *queue.Pipe { return c.pipe }

// Close gives the name up and ends its links; those who were connected wait for
// the next one to bind it.
func (b *Binding) Close() {
	r := b.reg
	r.mu.Lock()
	if r.bound[b.name] == b {
		delete(r.bound, b.name)
	}
	links := make([]*Connection, 0, len(b.links))
	for c := range b.links {
		links = append(links, c)
	}
	r.mu.Unlock()
	for _, c := range links {
		c.unlink(b)
	}
}

// unlink ends c's link to b and lets it wait for the next one to bind the name.
func (c *Connection) unlink(b *Binding) {
	c.op.Lock()
	defer c.release()
	c.reg.mu.Lock()
	linked := c.to == b
	c.reg.mu.Unlock()
	if linked {
		c.cut(false)
		_ = c.link()
	}
}
