package zmq

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/transport"
	"github.com/go-zactor/zactor/internal/ws"
)

// Context is a set of sockets: a namespace for inproc endpoints and for the
// authenticator, with limits. It is itself a context.Context, done when its
// parent is or when it is terminated; a context derived from it stands for it.
type Context struct {
	context.Context
	cancel context.CancelFunc

	names   inproc.Registry
	zap     zapDesk
	waiters waiterPool
	contextOptions
	network Network
	broken  error // an option broke its rule

	down atomic.Bool // shut down or terminated

	mu         sync.Mutex
	sockets    map[*Socket]struct{}
	terminated bool
	empty      chan struct{} // closed when terminated and without sockets
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

// NewContext makes a Context whose life ends with parent's. When an option breaks
// its rule, every New in the Context returns that error.
func NewContext(parent context.Context, opts ...ContextOption) *Context {
	c := &Context{contextOptions: contextDefaults(), sockets: map[*Socket]struct{}{}, empty: make(chan struct{})}
	c.Context, c.cancel = context.WithCancel(parent)
	for _, opt := range opts {
		if err := opt(c); err != nil && c.broken == nil {
			c.broken = err
		}
	}
	return c
}

// Value makes contexts derived from c lead back to it.
func (c *Context) Value(key any) any {
	if key == (contextKey{}) {
		return c
	}
	return c.Context.Value(key)
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

// Shutdown ends every blocked call in the Context's sockets, and makes further ones,
// and New, return ErrTerm. The sockets stay until they are closed, and go on sending
// what they have accepted; Term closes them. Calling it again does nothing.
// (zmq_ctx_shutdown(3))
func (c *Context) Shutdown() {
	c.mu.Lock()
	c.terminated = true
	list := make([]*Socket, 0, len(c.sockets))
	for s := range c.sockets {
		list = append(list, s)
	}
	if len(list) == 0 {
		c.signalEmpty()
	}
	c.mu.Unlock()
	c.down.Store(true)
	for _, s := range list {
		s.shutDown()
	}
}

// Term shuts the Context down, and closes its sockets, each waiting for its linger
// time. Term returns when they are all gone, or with ctx's error when it ends before;
// calling it again goes on waiting. (zmq_ctx_term(3), which waits for the program to
// close them.)
func (c *Context) Term(ctx context.Context) error {
	c.Shutdown()
	c.cancel() // each socket's lifeline
	select {
	case <-c.empty:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("zmq: terminate context: %w", ctx.Err())
	}
}

// listen binds to an endpoint; what is carried by WebSocket is bound to tcp below it.
func (c *Context) listen(ep endpoint.Endpoint, o *options) (transport.Listener, error) {
	if !ep.Web() {
		return c.listenBelow(ep, o)
	}
	settings, err := o.webServer(ep)
	if err != nil {
		return nil, err
	}
	return ws.Listen(ep, settings, func(tcp endpoint.Endpoint) (transport.Listener, error) { return c.listenBelow(tcp, o) })
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

func (c *Context) listenBelow(ep endpoint.Endpoint, o *options) (transport.Listener, error) {
	if o.listener != nil {
		if ep.Scheme == endpoint.TCP {
			return foreignListener{o.listener, "tcp://" + o.listener.Addr().String()}, nil
		}
		return foreignListener{o.listener, ep.String()}, nil
	}
	if c.network == nil {
		return transport.Listen(c, ep, o.netFor(ep))
	}
	l, bound, err := c.network.Listen(c, ep.String())
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
