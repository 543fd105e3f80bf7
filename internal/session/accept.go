package session

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/transport"
)

// Acceptor serves one bound endpoint. Each connection has a pipe of its own that
// lives as long as it does.
type Acceptor struct {
	cfg     Config
	handler Handler
	l       transport.Listener

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	door *admission
	shut context.Context // ends when nobody is to be let in any more
	lock context.CancelFunc

	mu      sync.Mutex
	conns   map[*conn]struct{}
	closed  bool
	stopped chan struct{} // closed when nothing is accepted any more
}

// Accept starts to serve l.
func Accept(cfg Config, h Handler, l transport.Listener) *Acceptor {
	h = guard(h)
	a := &Acceptor{cfg: cfg, handler: h, l: l, conns: map[*conn]struct{}{}, stopped: make(chan struct{})}
	a.door = newAdmission(cfg.MaxHalfOpen)
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.shut, a.lock = context.WithCancel(a.ctx)
	h.Event(link.Event{Kind: link.Listening, Endpoint: l.Endpoint(), Value: FD(l)})
	a.wg.Add(1)
	go a.loop()
	return a
}

func (a *Acceptor) loop() {
	defer a.wg.Done()
	defer close(a.stopped)
	transport.AcceptLoop(a.ctx, a.l, a.takeGuarded, func(err error) {
		a.handler.Event(link.Event{Kind: link.AcceptFailed, Endpoint: a.l.Endpoint(), Value: Errno(err), Err: tellAll(a.handler, a.l.Endpoint(), err)})
	})
}

// takeGuarded is take, of a connection that may be of a user's making.
func (a *Acceptor) takeGuarded(nc net.Conn) {
	if tellAll(a.handler, a.l.Endpoint(), contain.Call("accept", func() { a.take(nc) })) != nil {
		_ = hook("close", nc, func() { nc.Close() })
	}
}

// take starts the handshake with a new connection, once there is a place for it. It
// waits for nothing that a peer could keep up for ever: see admission.
func (a *Acceptor) take(nc net.Conn) {
	c := newConn(&a.cfg, a.handler, nc, a.l.Endpoint())
	c.fresh = true
	c.door = a.door
	if err := a.door.enter(a.shut, c); err != nil {
		c.stop(ErrClosed)
		return
	}
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		c.stop(ErrClosed)
		a.door.leave(c, false)
		return
	}
	a.conns[c] = struct{}{}
	a.wg.Add(1)
	a.mu.Unlock()
	go a.open(c)
}

// open begins with a connection, and goOn goes on when its handshake has paused.
func (a *Acceptor) open(c *conn) {
	a.shake(c, func() error {
		err := a.filter(c)
		c.filtered = err != nil
		if err == nil {
			c.event(link.Accepted, FD(c.nc), nil)
		}
		return err
	})
}

func (a *Acceptor) goOn(c *conn) { a.shake(c, func() error { return nil }) }

func (a *Acceptor) shake(c *conn, first func() error) {
	var rest []byte
	contain.Run("handshake", func() (err error) {
		if err = first(); err == nil {
			rest, err = c.open(a.handler.NewPipe)
		}
		return err
	}, func(err error) {
		if !pauses(err) {
			a.opened(c, rest, c.tell(err))
			return
		}
		a.pause(c, err)
	}, c.panicked)
}

// filter turns a connection away that is not to be let in at all.
func (a *Acceptor) filter(c *conn) error {
	if a.cfg.Filter == nil {
		return nil
	}
	err := a.cfg.Filter(c.nc)
	if err != nil {
		a.handler.Event(link.Event{Kind: link.AcceptFailed, Endpoint: a.l.Endpoint(), Remote: c.remote, Value: Errno(syscall.EACCES), Err: err})
	}
	return err
}

// opened goes on after a handshake.
func (a *Acceptor) opened(c *conn, rest []byte, err error) {
	defer a.wg.Done()
	a.door.leave(c, err == nil)
	if err != nil {
		if cause := c.stopCause(); cause != nil {
			err = cause
		}
		c.stop(err)
		if !c.filtered {
			c.event(link.Disconnected, FD(c.nc), err)
		}
		a.forget(c)
		return
	}
	a.wg.Add(1)
	go a.read(c, rest) // on a fresh stack: the handshake's is large
}

func (a *Acceptor) read(c *conn, rest []byte) {
	defer a.wg.Done()
	contain.Run("connection", func() error { return c.serve(rest) }, func(error) { a.ended(c) }, c.panicked)
}

// ended takes a connection out that was served.
func (a *Acceptor) ended(c *conn) {
	var waiting [][]byte
	if c.unacked != nil {
		waiting = c.pipe.Out.Salvage()
	}
	if n := c.pipe.Out.Close(); n > 0 {
		a.handler.Lost(c.pipe, n)
	}
	a.handler.Detach(c.pipe, true) // which may yet put a notice into the inbox
	c.pipe.In.Close()
	c.handBack(waiting)
	a.forget(c)
}

func (a *Acceptor) forget(c *conn) {
	a.mu.Lock()
	delete(a.conns, c)
	a.mu.Unlock()
}

// Endpoint is the real bound endpoint.
func (a *Acceptor) Endpoint() string { return a.l.Endpoint() }

// Close stops listening and ends the connections that were accepted. Until ctx
// ends it waits for what was accepted for sending to be written and to arrive.
// Nothing of the endpoint runs when it returns.
func (a *Acceptor) Close(ctx context.Context) {
	if err := tellAll(a.handler, a.l.Endpoint(), a.l.Close()); err != nil && !errors.Is(err, net.ErrClosed) {
		a.handler.Event(link.Event{Kind: link.CloseFailed, Endpoint: a.l.Endpoint(), Value: Errno(err), Err: err})
	}
	a.mu.Lock()
	a.closed = true
	conns := make([]*conn, 0, len(a.conns))
	for c := range a.conns {
		conns = append(conns, c)
	}
	a.mu.Unlock()
	a.lock()
	for _, c := range a.door.all() {
		if c.attached() == nil {
			c.stop(ErrClosed)
		}
	}
	for _, c := range conns {
		if p := c.attached(); p != nil {
			p.Out.Leave()
		}
	}
	for _, c := range conns {
		a.linger(ctx, c)
		c.stop(ErrClosed)
	}
	a.cancel()
	a.wg.Wait()
	a.handler.Event(link.Event{Kind: link.ClosedEvent, Endpoint: a.l.Endpoint()})
}

// linger waits for what was accepted for c's peer to arrive there.
func (a *Acceptor) linger(ctx context.Context, c *conn) {
	p := c.attached()
	if p == nil {
		return
	}
	select {
	case <-p.Out.Idle():
		c.drainKernel(ctx)
	case <-c.done:
	case <-ctx.Done():
	}
}
