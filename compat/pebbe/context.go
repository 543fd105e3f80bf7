package zmq4

import (
	"context"
	"sync"
	"syscall"

	"github.com/go-zactor/zactor/zmq"
)

// The defaults of a context.
const (
	MaxSocketsDflt = 1023
	IoThreadsDflt  = 1
)

// Context is a set of sockets with limits; inproc endpoints are names within it.
type Context struct {
	mu      sync.Mutex // guards what follows
	core    *zmq.Context
	closed  bool
	open    int // sockets that were made and not closed
	threads int
	max     int
	maxMsg  int
	ipv6    bool
	nowait  bool // BLOCKY is off
	retry   bool

	sockets sync.WaitGroup // those that were made, until nothing of them runs any more
}

var defaultCtx = newContext()

func newContext() *Context {
	return &Context{
		core: zmq.NewContext(context.Background()), threads: IoThreadsDflt, max: MaxSocketsDflt,
		maxMsg: 1<<31 - 1, retry: true,
	}
}

// NewContext makes a context of its own. End it with Term.
func NewContext() (ctx *Context, err error) { return newContext(), nil }

// Term ends the default context; see Context.Term. No socket can be made in it after.
func Term() error { return defaultCtx.Term() }

// Term ends the context. Every call on its sockets that waits, and every further one,
// returns ETERM. Term returns when the program has closed all of them and what they
// were given has been sent, for as long as their linger times are. (zmq_ctx_term)
func (ctx *Context) Term() error {
	ctx.mu.Lock()
	was := ctx.closed
	ctx.closed = true
	ctx.mu.Unlock()
	if was {
		return nil
	}
	ctx.core.Interrupt()
	ctx.sockets.Wait()
	return errnoOf(ctx.core.Close())
}

// enter counts a new socket and says with which options it is made.
func (ctx *Context) enter() ([]zmq.Option, error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	switch {
	case ctx.closed:
		return nil, ErrorContextClosed
	case ctx.open >= ctx.max:
		return nil, Errno(syscall.EMFILE)
	}
	ctx.open++
	ctx.sockets.Add(1)
	opts := append(likeLibzmq(), zmq.WithIPv6(ctx.ipv6))
	if ctx.nowait {
		opts = append(opts, zmq.WithLinger(0))
	}
	return opts, nil
}

// leave counts a socket that the program has closed; it is gone later.
func (ctx *Context) leave() {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	ctx.open--
}

// ctxGet reads a setting.
func ctxGet[T any](ctx *Context, field func() T) (v T, err error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.closed {
		return v, ErrorContextClosed
	}
	return field(), nil
}

// ctxSet changes a setting, if the value is one.
func (ctx *Context) ctxSet(ok bool, set func()) error {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	switch {
	case ctx.closed:
		return ErrorContextClosed
	case !ok:
		return Errno(syscall.EINVAL)
	}
	set()
	return nil
}

// tooLong reports whether a part may not be sent.
func (ctx *Context) tooLong(n int) bool {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	return n > ctx.maxMsg
}

// over reports whether the context was terminated.
func (ctx *Context) over() bool {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	return ctx.closed
}
