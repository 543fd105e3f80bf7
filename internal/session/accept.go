package session

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/transport"
)

// Acceptor serves one bound endpoint. Each connection has a pipe of its own that
// lives as long as it does.
type Acceptor struct {
	cfg     Config
	host    Host
	l       transport.Listener
	newPipe func() *pipe.Pipe

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	conns  map[*conn]struct{}
	closed bool
	half   halfOpen
	// trimmer is set while an address has more half-open peers than it may.
	trimmer *time.Timer
	stopped chan struct{} // closed when nothing is accepted any more
}

// Accept starts to serve l.
func Accept(cfg Config, host Host, l transport.Listener, newPipe func() *pipe.Pipe) *Acceptor {
	host = guard(host)
	a := &Acceptor{cfg: cfg, host: host, l: l, newPipe: newPipe, conns: map[*conn]struct{}{}, stopped: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	host.Event(Event{Kind: Listening, Endpoint: l.Endpoint(), Value: FD(l)})
	a.wg.Add(1)
	go a.loop()
	return a
}

func (a *Acceptor) loop() {
	defer a.wg.Done()
	defer close(a.stopped)
	transport.AcceptLoop(a.ctx, a.l, a.takeGuarded, func(err error) {
		a.host.Event(Event{Kind: AcceptFailed, Endpoint: a.l.Endpoint(), Value: Errno(err), Err: tellAll(a.host, a.l.Endpoint(), err)})
	})
}

// takeGuarded is take, of a connection that may be of a user's making.
func (a *Acceptor) takeGuarded(nc net.Conn) {
	if tellAll(a.host, a.l.Endpoint(), contain.Call("accept", func() { a.take(nc) })) != nil {
		_ = hook("close", nc, func() { nc.Close() })
	}
}

// take starts the handshake with a new connection. It never waits: a silent peer
// must not keep others out.
func (a *Acceptor) take(nc net.Conn) {
	if a.cfg.Filter != nil {
		if err := a.cfg.Filter(nc); err != nil {
			a.host.Event(Event{Kind: AcceptFailed, Endpoint: a.l.Endpoint(), Remote: remoteOf(nc), Value: Errno(syscall.EACCES), Err: err})
			nc.Close()
			return
		}
	}
	c := newConn(&a.cfg, a.host, nc, a.l.Endpoint())
	c.fresh = true
	c.event(Accepted, FD(nc), nil)
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		c.stop(ErrClosed)
		return
	}
	a.conns[c] = struct{}{}
	evicted := a.half.add(c, time.Now())
	a.trimLater()
	a.wg.Add(1)
	a.mu.Unlock()
	evict(evicted)
	go a.open(c)
}

// trimLater looks again once the grace of those who crowd in from one address is
// over. The caller holds mu.
func (a *Acceptor) trimLater() {
	if a.trimmer != nil || a.closed || !a.half.crowded() {
		return
	}
	a.trimmer = time.AfterFunc(halfOpenGrace, func() {
		a.mu.Lock()
		a.trimmer = nil
		evicted := a.half.trim(time.Now())
		a.trimLater()
		a.mu.Unlock()
		evict(evicted)
	})
}

func evict(crowd []*conn) {
	for _, c := range crowd {
		c.stop(ErrCrowded)
	}
}

func (a *Acceptor) open(c *conn) {
	defer a.wg.Done()
	var rest []byte
	contain.Run("handshake", func() (err error) {
		rest, err = c.open(a.ctx, a.newPipe)
		return err
	}, func(err error) { a.opened(c, rest, c.tell(err)) }, c.panicked)
}

// opened goes on after a handshake.
func (a *Acceptor) opened(c *conn, rest []byte, err error) {
	a.mu.Lock()
	a.half.remove(c)
	a.mu.Unlock()
	if err != nil {
		if cause := c.stopCause(); cause != nil {
			err = cause
		}
		c.stop(err)
		c.event(Disconnected, FD(c.nc), err)
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
	if c.unproven != nil {
		waiting = c.pipe.Out.Salvage()
	}
	if n := c.pipe.Out.Close(); n > 0 {
		a.host.Lost(c.pipe, n)
	}
	a.host.Detach(c.pipe, true) // which may yet put a notice into the inbox
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
	if err := tellAll(a.host, a.l.Endpoint(), a.l.Close()); err != nil && !errors.Is(err, net.ErrClosed) {
		a.host.Event(Event{Kind: CloseFailed, Endpoint: a.l.Endpoint(), Value: Errno(err), Err: err})
	}
	a.mu.Lock()
	a.closed = true
	conns := make([]*conn, 0, len(a.conns))
	for c := range a.conns {
		conns = append(conns, c)
	}
	half := a.half.all()
	if a.trimmer != nil {
		a.trimmer.Stop()
	}
	a.mu.Unlock()
	for _, c := range half {
		c.stop(ErrClosed)
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
	a.host.Event(Event{Kind: ClosedEvent, Endpoint: a.l.Endpoint()})
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
