// Package attempt asks servers that may be dead: one socket a question, a deadline an
// answer, a fresh socket after a failure, the next server each time.
package attempt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/lifetime"
	"github.com/go-zactor/zactor/zmq"
)

// Config says how a Pool asks. All of it is needed, but for Failed and Ended.
type Config struct {
	Package   string // for the texts of errors
	Closed    error  // the package's ErrClosed
	NoAnswer  error  // the package's ErrNoAnswer
	Type      zmq.Type
	Endpoints []string
	Timeout   time.Duration // for one answer, or one part of it, and for one send
	Attempts  int
	Pause     time.Duration // before the next attempt
	Parallel  int           // questions at once
	Socket    []zmq.Option
	Failed    func(Failure)
	Ended     func() // called at the end; may be nil
}

// Failure is one attempt that failed.
type Failure struct {
	Endpoint string
	Attempt  int // counted from 1
	Last     bool
	Err      error
}

// Exchange sends a question and receives the answer. An error ends the attempt, and the
// socket with it.
type Exchange func(ctx context.Context, s *zmq.Socket) error

// final is an error that no further attempt can mend.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// Final marks an error after which nothing is tried again.
func Final(err error) error { return final{err} }

// Pool has the sockets. Its methods may be called from any goroutine.
type Pool struct {
	ctx   context.Context // of New: its zmq.Context has the sockets
	c     Config
	slots chan struct{} // one for each question under way
	life  *lifetime.Life
	ended chan struct{} // closed when the end begins

	mu     sync.Mutex
	closed bool
	next   int                      // guarded by mu: index of the endpoint to ask
	idle   map[string][]*zmq.Socket // guarded by mu
	open   map[*zmq.Socket]struct{} // guarded by mu: all of them
}

// New makes a pool that lives as long as ctx, or until it is closed.
func New(ctx context.Context, c Config) *Pool {
	p := &Pool{
		ctx: ctx, c: c, slots: make(chan struct{}, c.Parallel), ended: make(chan struct{}),
		idle: map[string][]*zmq.Socket{}, open: map[*zmq.Socket]struct{}{},
	}
	p.life = lifetime.New(ctx, c.Package, p.end)
	return p
}

// Close ends all questions with the package's ErrClosed.
func (p *Pool) Close() error { return p.life.Close() }

// Shutdown waits for the questions that are under way, at most as long as ctx, and then
// ends what is left as Close does.
func (p *Pool) Shutdown(ctx context.Context) error { return p.life.Shutdown(ctx) }

// end is the end of the pool. Close asks for it with a context that has no end; then
// nothing is waited for.
func (p *Pool) end(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	close(p.ended)
	p.mu.Unlock()
	var err error
	if ctx.Done() != nil {
		err = p.wait(ctx)
	}
	p.mu.Lock()
	open := p.open
	p.open, p.idle = nil, nil
	p.mu.Unlock()
	for s := range open {
		_ = s.Close() // it does not linger: a question is worth nothing without its asker
	}
	_ = p.wait(context.WithoutCancel(ctx))
	if p.c.Ended != nil {
		p.c.Ended()
	}
	return err
}

// wait takes all slots: then no question is under way. It gives them back.
func (p *Pool) wait(ctx context.Context) error {
	for n := range cap(p.slots) {
		select {
		case p.slots <- struct{}{}:
			defer func() { <-p.slots }()
		case <-ctx.Done():
			return fmt.Errorf("%s: shutdown with %d questions open: %w", p.c.Package, cap(p.slots)-n, ctx.Err())
		}
	}
	return nil
}

// Do asks until an exchange succeeds, the attempts are used up, or ctx ends.
func (p *Pool) Do(ctx context.Context, exchange Exchange) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return fmt.Errorf("%s: %d questions are under way: %w", p.c.Package, p.c.Parallel, ctx.Err())
	case <-p.ended:
		return p.c.Closed
	}
	for n := 1; ; n++ {
		endpoint, err := p.attempt(ctx, exchange)
		if err == nil {
			return nil
		}
		if over := p.over(ctx, err); over != nil {
			return over
		}
		last := n == p.c.Attempts
		if p.c.Failed != nil {
			p.c.Failed(Failure{endpoint, n, last, err})
		}
		if last {
			return p.noAnswer(endpoint, err)
		}
		if err := p.pause(ctx); err != nil {
			return err
		}
	}
}

// over is the error with which a question ends that is not asked again.
func (p *Pool) over(ctx context.Context, err error) error {
	var f final
	switch {
	case p.isClosed():
		return p.c.Closed
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w (%v)", p.c.Package, ctx.Err(), err)
	case errors.As(err, &f):
		return f.error
	}
	return nil
}

func (p *Pool) noAnswer(endpoint string, err error) error {
	return fmt.Errorf("%w from %d attempts; the last: %s: %w", p.c.NoAnswer, p.c.Attempts, endpoint, err)
}

func (p *Pool) pause(ctx context.Context) error {
	t := time.NewTimer(p.c.Pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-p.ended:
		return p.c.Closed
	case <-ctx.Done():
		return fmt.Errorf("%s: between attempts: %w", p.c.Package, ctx.Err())
	}
}

// attempt is one try, at the endpoint whose turn it is. A failure passes the turn on.
func (p *Pool) attempt(ctx context.Context, exchange Exchange) (endpoint string, err error) {
	turn, s, err := p.take()
	endpoint = p.c.Endpoints[turn]
	if err != nil {
		return endpoint, err
	}
	good := false
	defer func() { p.give(turn, s, good) }() // also when the caller's code panics
	err = exchange(ctx, s)
	good = err == nil
	return endpoint, err
}

// take returns a socket to the endpoint whose turn it is: an idle one, or a new one.
func (p *Pool) take() (turn int, s *zmq.Socket, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return p.next, nil, p.c.Closed
	}
	turn = p.next
	endpoint := p.c.Endpoints[turn]
	if idle := p.idle[endpoint]; len(idle) > 0 {
		s = idle[len(idle)-1]
		p.idle[endpoint] = idle[:len(idle)-1]
		return turn, s, nil
	}
	opts := append([]zmq.Option{
		zmq.WithRecvTimeout(p.c.Timeout), zmq.WithSendTimeout(p.c.Timeout),
		zmq.WithLinger(0), // what nobody waits for is not worth lingering
	}, p.c.Socket...)
	if s, err = zmq.New(p.ctx, p.c.Type, opts...); err != nil {
		return turn, nil, Final(err)
	}
	if err = s.Connect(endpoint); err != nil {
		_ = s.Close()
		return turn, nil, err
	}
	p.open[s] = struct{}{}
	return turn, s, nil
}

// give takes a socket back. One that failed is closed, with the question that it may
// still hold and the answer that may still come; the next endpoint has its turn then.
func (p *Pool) give(turn int, s *zmq.Socket, good bool) {
	p.mu.Lock()
	if good && p.open != nil {
		endpoint := p.c.Endpoints[turn]
		p.idle[endpoint] = append(p.idle[endpoint], s)
		p.mu.Unlock()
		return
	}
	delete(p.open, s)
	if p.next == turn {
		p.next = (turn + 1) % len(p.c.Endpoints)
	}
	p.mu.Unlock()
	_ = s.Close()
}

func (p *Pool) isClosed() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}
