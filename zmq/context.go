package zmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/swap"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/ws"
)

// Context is a set of sockets: a namespace for inproc endpoints and for the
// authenticator, with limits. It is itself a context.Context, done when its
// parent is or when it is closed; a context derived from it stands for it.
type Context struct {
	ctx    context.Context // its own life; never another one
	cancel context.CancelFunc

	names   inproc.Registry
	zap     zapDesk
	waiters waiterPool
	contextOptions
	network Network
	broken  error // an option broke its rule

	noAnswer time.Duration // instead of noAnswerAfter, for tests; 0: none
	disk     swap.Disk     // for tests; nil: the operating system's

	down atomic.Bool // interrupted or closed

	mu         sync.Mutex
	sockets    map[*Socket]struct{}
	terminated bool
	closing    bool          // Close or Shutdown was called
	empty      chan struct{} // closed when terminated and without sockets
	ended      chan struct{} // closed when Close has finished
	unsent     error         // what it returned then
}

// Network replaces the operating system's network for the tcp and ipc endpoints of
// a Context, as for tests in memory.
type Network interface {
	// Listen listens at an endpoint and returns its real form as well.
	Listen(ctx context.Context, endpoint string) (l net.Listener, bound string, err error)
	// Dial connects to an endpoint once.
	Dial(ctx context.Context, endpoint string) (net.Conn, error)
}

// WithNetwork lets the sockets of a Context use n.
func WithNetwork(n Network) ContextOption {
	return func(c *Context) error { c.network = n; return nil }
}

// contextKey finds the Context of a derived context.
type contextKey struct{}

// NewContext makes a Context whose life ends with parent's: its sockets are then closed,
// as by Close. When an option breaks its rule, every New in the Context returns that error.
// Inside of another Context (parent is one, or derived from one) it has that one's network,
// if no option names another; all else is its own.
func NewContext(parent context.Context, opts ...ContextOption) *Context {
	c := &Context{contextOptions: contextDefaults(), sockets: map[*Socket]struct{}{}, empty: make(chan struct{}), ended: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(parent)
	c.zap.turns = budget.NewTurns[*question](zapWaiting, zapOfOne)
	if p, ok := parent.Value(contextKey{}).(*Context); ok {
		c.network = p.network
	}
	for _, opt := range opts {
		if err := opt(c); err != nil && c.broken == nil {
			c.broken = err
		}
	}
	return c
}

// Deadline is the parent's.
func (c *Context) Deadline() (time.Time, bool) { return c.ctx.Deadline() }

// Done is closed when the parent ends, or with Close or Shutdown.
func (c *Context) Done() <-chan struct{} { return c.ctx.Done() }

// Err is nil until Done is closed.
func (c *Context) Err() error { return c.ctx.Err() }

// Value makes contexts derived from c lead back to it.
func (c *Context) Value(key any) any {
	if key == (contextKey{}) {
		return c
	}
	return c.ctx.Value(key)
}

// defaultContext holds the sockets that were made without a Context.
var defaultContext = sync.OnceValue(func() *Context {
	return NewContext(context.Background(), WithMaxSockets(socketLimit))
})

func contextOf(ctx context.Context) *Context {
	if c, ok := ctx.Value(contextKey{}).(*Context); ok {
		return c
	}
	return defaultContext()
}

// add enters a new socket.
func (c *Context) add(s *Socket) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.terminated {
		return fmt.Errorf("%w: it makes no sockets any more", ErrTerm)
	}
	if c.broken != nil {
		return c.broken
	}
	if len(c.sockets) >= c.maxSockets {
		return fmt.Errorf("%w: the context allows %d", ErrTooManySockets, c.maxSockets)
	}
	c.sockets[s] = struct{}{}
	return nil
}

func (c *Context) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sockets, s)
	if c.terminated && len(c.sockets) == 0 {
		c.signalEmpty()
	}
}

func (c *Context) signalEmpty() {
	select {
	case <-c.empty:
	default:
		close(c.empty)
	}
}

// Interrupt ends every blocked call in the Context's sockets, and makes further ones,
// and New, return ErrTerm. The sockets stay until they are closed, and go on sending
// what they have accepted; Close closes them. Calling it again does nothing.
// (zmq_ctx_shutdown(3))
func (c *Context) Interrupt() {
	c.mu.Lock()
	c.terminated = true
	list := c.socketList()
	if len(list) == 0 {
		c.signalEmpty()
	}
	c.mu.Unlock()
	c.down.Store(true)
	for _, s := range list {
		s.shutDown()
	}
}

// Sockets lists the Context's sockets that have not been closed, in no order.
func (c *Context) Sockets() []*Socket { return c.list() }

// socketList is the sockets; the caller holds mu.
func (c *Context) socketList() []*Socket {
	list := make([]*Socket, 0, len(c.sockets))
	for s := range c.sockets {
		list = append(list, s)
	}
	return list
}

// Close interrupts the Context and closes its sockets, all at once, each within its
// linger time. It returns when they are all gone; further calls wait for the first one
// and return the same. (zmq_ctx_term(3), which waits for the program to close them)
//
// Errors: *UnsentError, which says how many messages all of them did not send, for whom
// and why.
func (c *Context) Close() error { return c.end(context.Background(), (*Socket).Close) }

// Shutdown is Close with ctx in place of the linger times. A call while another one is
// closing waits for that, at most until its own ctx ends, whose error it then returns.
func (c *Context) Shutdown(ctx context.Context) error {
	return c.end(ctx, func(s *Socket) error { return s.Shutdown(ctx) })
}

func (c *Context) end(ctx context.Context, closeOne func(*Socket) error) error {
	c.Interrupt()
	c.mu.Lock()
	first, list := !c.closing, c.socketList()
	c.closing = true
	c.mu.Unlock()
	if first {
		c.unsent = closeAll(list, closeOne, c.cancel)
		<-c.empty
		close(c.ended)
		return c.unsent
	}
	select {
	case <-c.ended:
	case <-ctx.Done():
	}
	select {
	case <-c.ended:
		return c.unsent
	default:
		return fmt.Errorf("zmq: shutdown of a context: %w", ctx.Err())
	}
}

// closeAll closes sockets side by side. Then cancel ends the lifelines of their calls,
// which must not be what closes them: it would be with another time to linger.
func closeAll(list []*Socket, closeOne func(*Socket) error, cancel func()) error {
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, s := range list {
		if stop := s.stopAfter.Load(); stop != nil {
			(*stop)()
		}
		wg.Go(func() { contain.Alone("close", func() { errs[i] = closeOne(s) }, s.failed) })
	}
	cancel()
	wg.Wait()
	return joinUnsent(errs)
}

// listen binds to an endpoint; what is carried by WebSocket is bound to tcp below it.
func (c *Context) listen(ctx context.Context, ep endpoint.Endpoint, o *options) (transport.Listener, error) {
	if !ep.Web() {
		return c.listenBelow(ctx, ep, o)
	}
	settings, err := o.webServer(ep)
	if err != nil {
		return nil, err
	}
	return ws.Listen(ep, settings, func(tcp endpoint.Endpoint) (transport.Listener, error) { return c.listenBelow(ctx, tcp, o) })
}

// dialer makes what connects to an endpoint.
func (c *Context) dialer(ep endpoint.Endpoint, o *options) (func(context.Context) (net.Conn, error), error) {
	if !ep.Web() {
		return func(ctx context.Context) (net.Conn, error) { return c.dial(ctx, ep, o) }, nil
	}
	settings, err := o.webClient(ep)
	if err != nil {
		return nil, err
	}
	return ws.Dialer(ep, settings, func(ctx context.Context, tcp endpoint.Endpoint) (net.Conn, error) { return c.dial(ctx, tcp, o) })
}

func (c *Context) listenBelow(ctx context.Context, ep endpoint.Endpoint, o *options) (transport.Listener, error) {
	if o.listener != nil {
		if ep.Scheme == endpoint.TCP {
			return foreignListener{o.listener, "tcp://" + o.listener.Addr().String()}, nil
		}
		return foreignListener{o.listener, ep.String()}, nil
	}
	if c.network == nil {
		return transport.Listen(ctx, ep, o.netFor(ep))
	}
	l, bound, err := c.network.Listen(ctx, ep.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: %w", transport.ErrAddrInUse, err)
	}
	if err != nil {
		return nil, err
	}
	return foreignListener{l, bound}, nil
}

func (c *Context) dial(ctx context.Context, ep endpoint.Endpoint, o *options) (net.Conn, error) {
	if c.network == nil {
		return transport.Dial(ctx, ep, o.netFor(ep))
	}
	return c.network.Dial(ctx, ep.String())
}

// foreignListener is a listener of a Network.
type foreignListener struct {
	net.Listener
	bound string
}

func (l foreignListener) Endpoint() string { return l.bound }

func (l foreignListener) Accept() (nc net.Conn, err error) {
	if p := contain.Apart("Accept of the listener", func() { nc, err = l.Listener.Accept() }); p != nil {
		return nil, p
	}
	return nc, err
}

func (l foreignListener) Close() (err error) {
	if p := contain.Apart("Close of the listener", func() { err = l.Listener.Close() }); p != nil {
		return p
	}
	return err
}
