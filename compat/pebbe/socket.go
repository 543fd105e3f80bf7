package zmq4

import (
	"fmt"
	"sync"
	"syscall"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/zmq"
)

// Socket is a ZeroMQ socket. Functions that begin with Set and Get are for its options.
// Its methods are safe for use by many goroutines; the parts of one message still have
// to be sent, or received, by one of them at a time.
type Socket struct{ *socket }

type socket struct {
	core *zmq.Socket
	ctx  *Context

	mu     sync.Mutex // guards what follows
	closed bool
	parts  [][]byte // of the message that is being sent
	rest   [][]byte // of the message that is being received
	from   peer     // of that message
	keys   keys     // of PLAIN and CURVE
}

// NewSocket makes a socket in the default context.
func NewSocket(t Type) (soc *Socket, err error) { return defaultCtx.NewSocket(t) }

// NewSocket makes a socket in a context. Close it: the end of the context waits for it.
func (ctx *Context) NewSocket(t Type) (soc *Socket, err error) {
	if t < PAIR || t > STREAM {
		return nil, Errno(syscall.EINVAL)
	}
	opts, err := ctx.enter()
	if err != nil {
		return nil, err
	}
	core, err := zmq.New(ctx.core, zmq.Type(t), opts...)
	if err != nil {
		ctx.leave()
		ctx.sockets.Done()
		return nil, errnoOf(err)
	}
	return &Socket{&socket{core: core, ctx: ctx}}, nil
}

// use is the socket of the core, unless the program has closed it.
func (soc *socket) use() (*zmq.Socket, error) {
	soc.mu.Lock()
	defer soc.mu.Unlock()
	if soc.closed {
		return nil, ErrorSocketClosed
	}
	return soc.core, nil
}

// Core is the socket of package zmq behind the socket, for what this package does not
// offer: contexts, statistics, peers. It is how a program moves over step by step.
func (soc *Socket) Core() *zmq.Socket { return soc.core }

// Close closes the socket. It returns at once; what was sent goes out as long as the
// linger time says, which is without end by default, and Term waits for that. Calling it
// again does nothing.
func (soc *Socket) Close() error {
	soc.mu.Lock()
	was := soc.closed
	soc.closed = true
	soc.mu.Unlock()
	if was {
		return nil
	}
	soc.ctx.leave()
	contain.Go("close", func() {
		defer soc.ctx.sockets.Done()
		_ = soc.core.Close() // what is not sent in time is lost, as with libzmq
	}, contain.Stray)
	return nil
}

// Context is the context that the socket was made in.
func (soc *Socket) Context() (*Context, error) {
	if _, err := soc.use(); err != nil {
		return nil, err
	}
	return soc.ctx, nil
}

// Bind listens at an endpoint, as "tcp://*:5555".
func (soc *Socket) Bind(endpoint string) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	opts, err := soc.secured()
	if err != nil {
		return err
	}
	_, err = core.Bind(endpoint, opts...)
	return endpointErrno(endpoint, err)
}

// Connect connects to an endpoint. It returns at once, whoever is there.
func (soc *Socket) Connect(endpoint string) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	opts, err := soc.secured()
	if err != nil {
		return err
	}
	return endpointErrno(endpoint, core.Connect(endpoint, opts...))
}

// Unbind stops listening at an endpoint; see GetLastEndpoint for its real form.
func (soc *Socket) Unbind(endpoint string) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	return endpointErrno(endpoint, core.Unbind(endpoint))
}

// Disconnect ends what Connect began.
func (soc *Socket) Disconnect(endpoint string) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	return endpointErrno(endpoint, core.Disconnect(endpoint))
}

// String is the socket for people: its type, and its identity or its address.
func (soc Socket) String() string {
	core, err := soc.use()
	if err != nil {
		return "Socket(CLOSED)"
	}
	if id, err := soc.GetIdentity(); err == nil && id != "" {
		return fmt.Sprintf("Socket(%v,%q)", Type(core.Type()), id)
	}
	return fmt.Sprintf("Socket(%v,%p)", Type(core.Type()), core)
}
