package zmq

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/registry"
)

// Socket is a ZeroMQ socket. Make one with New or one of its short forms. Its
// methods are safe for use by many goroutines at once.
type Socket struct {
	typ  Type
	kind kind
	zc   *Context
	// tied: the socket was made with its Context, and ends with it.
	tied bool

	// Locks are taken in the order of these groups, never two of one group. None
	// is held across I/O, a wake-up or a call to another socket.

	ends   endpoints     // bound and connected endpoints, with their own lock
	states endpointTable // how things stand with each endpoint, with its own lock
	opts   optionSet     // with its own lock

	sendMu sync.Mutex // guards out, and what tx says
	tx     sender     // what the type does with what is sent,
	rx     receiver   // and with what is received
	out    outgoing
	sends  waiters // senders that wait; guarded by sendMu

	recvMu sync.Mutex // guards in, and what rx says
	in     incoming
	arrive arrivals // what has become readable, with its own lock

	following following // SUB and XSUB, durable: the publishers' streams, with their own lock

	nests    nests    // with their own lock
	peers    peerSet  // with its own lock
	monitors monitors // with their own lock
	watch    watching // with its own lock
	stats    counters
	listed   registry.Entry // what is seen of the socket from outside
	unsent   unsent         // with its own lock

	asks      atomic.Bool           // a bound endpoint has the authenticator asked
	closed    atomic.Bool           // no call may begin or go on
	refused   atomic.Pointer[error] // the only peer has refused our credentials
	dying     chan struct{}         // closed when Close begins
	ended     chan struct{}         // closed when Close has finished
	feeds     sync.WaitGroup        // goroutines that serve a Chan
	chans     channels              // what they serve, with its own lock
	closing   atomic.Bool
	stopAfter atomic.Pointer[func() bool] // unhooks the socket from the context it was made with
}

// New makes a socket. ctx is its lifeline: when ctx ends the socket is closed. It
// may be a *Context, or derived from one, and the socket belongs to that Context;
// with any other it belongs to the default one.
//
// Errors: ErrInvalidOption, ErrTooManySockets, ErrClosed (the Context is
// terminated), or ctx's error.
func New(ctx context.Context, t Type, opts ...Option) (*Socket, error) {
	k, ok := kindOf(t)
	if !ok {
		return nil, fmt.Errorf("%w: there is no socket type %d", ErrInvalidOption, t)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("zmq: new %s: %w", k.name, err)
	}
	s := &Socket{typ: t, kind: k, zc: contextOf(ctx), dying: make(chan struct{}), ended: make(chan struct{})}
	s.tied = ctx == context.Context(s.zc)
	s.opts.o = defaults(k, s.zc)
	if err := s.opts.apply(s, opts); err != nil {
		return nil, err
	}
	s.init()
	s.listed.Enter(registry.Socket, (*subject)(s))
	if err := s.zc.add(s); err != nil {
		s.listed.Leave()
		return nil, err
	}
	stop := contain.AfterFunc(ctx, "close", func() { s.Close() }, s.failed)
	s.stopAfter.Store(&stop)
	return s, nil
}

func (s *Socket) init() {
	s.states.late, s.states.failed, s.states.after = s.unanswered, s.failed, cmp.Or(s.zc.noAnswer, noAnswerAfter)
	s.stats.watch.tell, s.stats.watch.failed = s.tellDrops, s.failed
	s.tx, s.rx = s.kind.policy(s)
	if s.in.none = s.rx == nil; s.in.none {
		s.rx = noReceiver{}
	}
	if s.out.none = s.tx == nil; s.out.none {
		s.tx = noSender{}
	}
	s.in.plain = s.rx.plain()
	s.in.fair = pattern.NewFairQueue()
	s.ends.init()
	s.peers.init()
	s.monitors.init()
}

// Type is the socket's type.
func (s *Socket) Type() Type { return s.typ }

// Context is the Context that the socket belongs to.
func (s *Socket) Context() *Context { return s.zc }

// Close closes the socket. Blocked calls return ErrClosed at once; messages that
// were accepted are sent first, for as long as the linger time (30 s unless
// WithLinger says otherwise; SUB and XSUB do not linger). Messages that were
// received and not yet taken are discarded. Close returns when nothing of the
// socket runs any more; further calls wait for the first one and return the same.
//
// Errors: *UnsentError, which says how many messages were not sent, for whom and why.
func (s *Socket) Close() error {
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if linger := s.opts.get().linger; linger >= 0 {
		ctx, cancel = context.WithTimeout(ctx, linger)
	}
	defer cancel()
	return s.Shutdown(ctx)
}

// Shutdown is Close with ctx in place of the linger time.
func (s *Socket) Shutdown(ctx context.Context) error {
	s.close(ctx)
	<-s.ended
	return s.unsent.err()
}

// close does the work of closing, once; who comes second does not wait here. (A lock that
// waits is not durably blocked in a bubble of testing/synctest, whose time would stand still.)
// Whatever panics on the way, the socket is closed afterwards: nobody may wait for that for
// ever.
func (s *Socket) close(ctx context.Context) {
	if s.closing.Swap(true) {
		return
	}
	defer close(s.ended)
	defer s.leave()
	_ = contain.Tell(contain.Call("close", func() { s.finish(ctx) }), s.failed)
}

// finish ends all that the socket has begun.
func (s *Socket) finish(ctx context.Context) {
	waits := contain.AfterTime(closeWaits, "close", s.tellCloseWaits, s.failed)
	defer waits.Stop()
	s.recvMu.Lock() // see addFeed
	s.closed.Store(true)
	s.recvMu.Unlock()
	close(s.dying)
	s.wakeAll()
	s.feeds.Wait()
	s.tx.finish(ctx)
	s.ends.close(ctx, s.failed)
	s.tx.close()
	s.closeNests()
	s.drain()
	s.states.close()
	s.tellClosed()
}

// leave takes the socket out of what knows it.
func (s *Socket) leave() {
	s.monitors.close()
	if stop := s.stopAfter.Load(); stop != nil { // else it is ctx that closes us
		(*stop)()
	}
	s.listed.Leave()
	s.zc.remove(s)
}

// wakeAll ends every blocked call: each looks at closed, or at refused, again.
func (s *Socket) wakeAll() {
	s.sendMu.Lock()
	s.sends.wakeAll()
	s.sendMu.Unlock()
	s.arrive.wakeAll()
	s.peers.changed()
	s.watch.notify()
}

// drain gives back what was received and nobody will take.
func (s *Socket) drain() {
	s.recvMu.Lock()
	defer s.recvMu.Unlock()
	s.in.front.clear()
	s.merge()
	for {
		m, from, _ := s.in.fair.Next(0)
		if from == nil && s.in.fair.Empty() {
			return
		}
		m.Release()
	}
}

// usable is the error for a call that cannot go on, nil when it may wait.
func (s *Socket) usable() error {
	if s.closed.Load() {
		return s.closedErr()
	}
	if err := s.refused.Load(); err != nil {
		return *err
	}
	return nil
}

// closedErr is the error of every call on a socket that is closed, or whose Context has
// been shut down.
func (s *Socket) closedErr() error {
	if s.zc.down.Load() {
		return ErrTerm
	}
	return ErrClosed
}

// shutDown ends every blocked call and refuses further ones. Closing, and sending
// what was accepted, is still to come.
func (s *Socket) shutDown() {
	s.recvMu.Lock() // see addFeed
	s.closed.Store(true)
	s.recvMu.Unlock()
	s.wakeAll()
}

// callTimeout is how long a call waits in all, however often it is woken in between.
type callTimeout struct{ until time.Time }

// left is what remains of timeout, which begins with the first call.
func (p *callTimeout) left(timeout time.Duration) time.Duration {
	if timeout < 0 {
		return timeout
	}
	if p.until.IsZero() {
		p.until = time.Now().Add(timeout)
	}
	return max(0, time.Until(p.until))
}

// wait parks until w is woken, ctx ends or the timeout passes. A negative timeout
// never does; 0 does at once.
func (s *Socket) wait(ctx context.Context, w waiter, timeout time.Duration) error {
	var expired <-chan time.Time
	if timeout >= 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		expired = t.C
	} else if ctx.Done() == nil {
		<-w
		return nil
	} else if s.tied && ctx == context.Context(s.zc) {
		// Its end closes the socket, which wakes everybody: one channel is enough.
		<-w
		return ctx.Err()
	}
	select {
	case <-w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-expired:
		return ErrAgain
	}
}

// wrapOp names the call in an error, unless it is a sentinel that needs no more.
func (s *Socket) wrapOp(name string, err error) error {
	if err == nil || errors.Is(err, ErrAgain) || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("%w (%s on %s)", err, name, s)
}
