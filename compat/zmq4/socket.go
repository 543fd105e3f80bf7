package zmq4

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Socket is a ZeroMQ socket. Its methods are safe for use by many goroutines.
type Socket interface {
	// Close closes the socket. What was sent goes out first, for up to five
	// seconds. It may be called more than once.
	Close() error

	// Send sends a message; it copies the frames. It waits where the socket type
	// waits at the high-water mark (see package zmq), for as long as WithTimeout
	// says.
	Send(Msg) error

	// SendMulti is Send.
	SendMulti(Msg) error

	// Recv takes the next message, whose frames belong to the caller. It waits
	// until there is one, or the socket or its context ends.
	Recv() (Msg, error)

	// Listen binds an endpoint. A socket may have several.
	Listen(endpoint string) error

	// Dial connects to an endpoint. It returns when the peer is there and ready, so
	// that a message for it can be sent. When nobody is there it returns nil as well,
	// unless WithDialerMaxRetries says otherwise, and the socket goes on trying. A
	// peer of a type that does not fit, or one that refuses our credentials, is an
	// error at once.
	Dial(endpoint string) error

	// Type is the socket's type.
	Type() SocketType

	// Addr is the address that the last Listen has bound; nil when there was none.
	Addr() net.Addr

	// GetOption reads an option; see SetOption. Those of package zmq can be read by
	// their names, as "RCVHWM" or "LAST_ENDPOINT".
	GetOption(name string) (any, error)

	// SetOption sets OptionSubscribe or OptionUnsubscribe to a string, or OptionHWM
	// to an int.
	SetOption(name string, value any) error
}

// socket is the shell around one socket of the core. It is a Topics, too.
type socket struct {
	typ  SocketType
	cfg  config
	ctx  context.Context // the lifeline
	core *zmq.Socket
	err  error // why there is no core

	zc *zmq.Context // its own, with PLAIN and mechanisms of the program's

	ends losses // of the endpoints that were dialled, with its own lock

	mu    sync.Mutex // guards what follows
	gate  *auth.Auth // of zc, once the socket listens
	addr  net.Addr
	props map[string]any // the last value of each option that was set
}

// NewPair makes a PAIR socket.
func NewPair(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Pair, opts) }

// NewPub makes a PUB socket.
func NewPub(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Pub, opts) }

// NewSub makes a SUB socket.
func NewSub(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Sub, opts) }

// NewReq makes a REQ socket.
func NewReq(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Req, opts) }

// NewRep makes a REP socket.
func NewRep(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Rep, opts) }

// NewDealer makes a DEALER socket.
func NewDealer(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Dealer, opts) }

// NewRouter makes a ROUTER socket.
func NewRouter(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Router, opts) }

// NewPull makes a PULL socket.
func NewPull(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Pull, opts) }

// NewPush makes a PUSH socket.
func NewPush(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, Push, opts) }

// NewXPub makes an XPUB socket.
func NewXPub(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, XPub, opts) }

// NewXSub makes an XSUB socket.
func NewXSub(ctx context.Context, opts ...Option) Socket { return newSocket(ctx, XSub, opts) }

// newSocket makes a socket. The constructors have no error to return, so what goes
// wrong here is returned by every call.
func newSocket(ctx context.Context, t SocketType, opts []Option) *socket {
	if ctx == nil {
		ctx = context.Background()
	}
	s := &socket{typ: t, cfg: defaults(), ctx: ctx, props: map[string]any{}}
	for _, opt := range opts {
		opt(&s.cfg)
	}
	if s.err = s.checkSecurity(); s.err != nil {
		return s
	}
	switch {
	case s.plain() != nil:
		s.zc = zmq.NewContext(ctx)
		ctx = s.zc
	case s.own() != nil:
		s.zc = zmq.NewContext(ctx, zmq.WithNetwork(sealedNet{s.cfg.security, t, s.cfg.id}))
		ctx = s.zc
	}
	if s.core, s.err = zmq.New(ctx, cores[t], s.cfg.options(t)...); s.err != nil {
		s.err = fmt.Errorf("zmq4: new %s: %w", t, s.translated(s.err))
	}
	return s
}

// Core is the socket of package zmq behind a socket of this one, for what this one
// does not offer: contexts, monitors, statistics, peers. It is how a program moves
// over step by step.
//
// Errors: ErrForeign, or why the socket could not be made.
func Core(s Socket) (*zmq.Socket, error) {
	own, ok := s.(*socket)
	if !ok {
		return nil, fmt.Errorf("%w: a %T", ErrForeign, s)
	}
	return own.core, own.err
}

func (s *socket) Type() SocketType { return s.typ }

// usableNow is why no call can do anything: the socket could not be made, or its
// context has ended, after which the core would still do what needs no wait.
func (s *socket) usableNow() error {
	if s.err != nil {
		return s.err
	}
	return s.ctx.Err()
}

func (s *socket) Send(m Msg) error {
	if err := s.usableNow(); err != nil {
		return err
	}
	if s.cfg.once && s.typ != Rep { // a REP's turn ends, whether its client is there or not
		return s.translated(s.sendOrLoss(m))
	}
	return s.translated(s.core.SendBytes(s.ctx, m.Frames...))
}

func (s *socket) SendMulti(m Msg) error { return s.Send(m) }

func (s *socket) Recv() (Msg, error) {
	if err := s.usableNow(); err != nil {
		return Msg{err: err}, err
	}
	m, err := s.recv()
	err = s.translated(err)
	return Msg{Frames: m.Frames, err: err}, err
}

func (s *socket) recv() (msg.Msg, error) {
	if s.cfg.once && s.typ != Req { // a REQ is told by the core
		return s.recvOrLoss()
	}
	return s.core.Recv(s.ctx)
}

func (s *socket) Close() error {
	if s.core == nil {
		return nil
	}
	err := s.core.Close()
	if s.zc == nil {
		return err
	}
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		gate.Close()
	}
	return s.zc.Close() // it has no sockets any more
}
