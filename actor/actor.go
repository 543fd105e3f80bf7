package actor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Func is what an actor does: it runs on a goroutine of its own until it
// returns. It should return when ctx ends, which is how the actor is stopped;
// every call on p that waits ends by then. A panic is the actor's error.
type Func func(ctx context.Context, p *Pipe) error

// Actor is the owner's side of an actor. Its methods may be called from any
// goroutine.
type Actor struct {
	*config
	id uint64

	out *mailbox.End // the owner's end
	in  *mailbox.End // the actor's end

	dropped atomic.Uint64

	mu          sync.Mutex    // guards what follows
	life        *Pipe         // of the function that runs now; nil when none does
	final       bool          // it was told to end, and is not started again
	ended       bool          // the function has returned for the last time
	undelivered int           // messages that were in the mailbox then
	err         error         // what it returned then
	done        chan struct{} // closed then; made when it is first asked for
	after       func()        // to be called then
}

var lastID atomic.Uint64

// Spawn starts an actor, and returns it when it is ready: see Pipe.Ready. When
// fn returns before, Spawn returns fn's error, or ErrNotReady for nil.
//
// ctx is the actor's life, not only Spawn's: when it ends, the actor is stopped.
// Spawn never waits longer than for that.
func Spawn(ctx context.Context, fn Func, opts ...Option) (*Actor, error) {
	a, err := newActor(opts)
	if err != nil {
		return nil, err
	}
	p := a.begin(ctx, nil)
	begun := p.begun
	go a.live(p, fn)
	return a.awaitReady(ctx, p, begun)
}

// awaitReady is the end of Spawn. When ctx ends first, the function has been told
// to return; it is not waited for, since it may never do so.
func (a *Actor) awaitReady(ctx context.Context, p *Pipe, begun <-chan struct{}) (*Actor, error) {
	told := ctx.Done()
	if p.late != nil {
		told = p.ctx.Done() // which the timeout ends too
	}
	select {
	case <-begun:
	case <-told:
	}
	if p.isReady.Load() {
		return a, nil // and perhaps at its end since
	}
	a.halt()
	return nil, cmp.Or(a.Err(), ctx.Err(), late(p), ErrNotReady)
}

func newActor(opts []Option) (*Actor, error) {
	c := configure(opts)
	a := &Actor{config: c, id: lastID.Add(1)}
	a.out, a.in = mailbox.New(c.mailbox, c.output)
	if err := a.registry.enter(a); err != nil {
		return nil, err
	}
	return a, nil
}

// Name is the name given by WithName, or a made-up one.
func (a *Actor) Name() string {
	if a.name == "" {
		return "actor-" + strconv.FormatUint(a.id, 10)
	}
	return a.name
}

// Send puts m into the mailbox. When it is full, the actor's Overflow decides.
// Send returns ErrStopped when the actor has ended or was told to; nil means that
// m is in the mailbox, or was dropped by DropNew, and not that it will be read.
func (a *Actor) Send(ctx context.Context, m msg.Msg) error { return a.put(ctx, m, nil) }

// TrySend is Send that returns ErrAgain where Send would wait.
func (a *Actor) TrySend(m msg.Msg) error { return a.overflowed(a.out.TrySend(m), false) }

// put sends m, with the tag of an Ask.
func (a *Actor) put(ctx context.Context, m msg.Msg, t *mailbox.Tag) error {
	if a.overflow == Block {
		return a.owners(a.out.SendTagged(ctx, m, t))
	}
	err := a.overflowed(a.out.TrySendTagged(m, t), t != nil)
	if err == ErrAgain {
		err = ErrMailboxFull
	}
	return err
}

// overflowed applies DropNew to the result of a TrySend. An Ask is not dropped
// in silence: nobody would answer it.
func (a *Actor) overflowed(err error, ask bool) error {
	if err == mailbox.ErrAgain && a.overflow == DropNew && !ask {
		a.dropped.Add(1)
		return nil
	}
	return a.owners(err)
}

// Recv returns the next message that the actor has sent. What it sent before it
// ended can still be received; then Recv returns ErrStopped.
func (a *Actor) Recv(ctx context.Context) (msg.Msg, error) {
	m, err := a.out.Recv(ctx)
	return m, a.owners(err)
}

// TryRecv is Recv that returns ErrAgain where Recv would wait.
func (a *Actor) TryRecv() (msg.Msg, error) {
	m, err := a.out.TryRecv()
	return m, a.owners(err)
}

// Messages ranges over what the actor sends. The range ends when the actor has
// ended and all is received, or, after yielding the error, when ctx ends.
func (a *Actor) Messages(ctx context.Context) iter.Seq2[msg.Msg, error] {
	return messages(ctx, a.Recv)
}

func messages(ctx context.Context, recv func(context.Context) (msg.Msg, error)) iter.Seq2[msg.Msg, error] {
	return func(yield func(msg.Msg, error) bool) {
		for {
			m, err := recv(ctx)
			if errors.Is(err, ErrStopped) {
				return
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// Poll implements zmq.Pollable: In is for Recv, Out for Send. So an actor can be
// one of the sources of a zloop.Loop or zmq.Poller.
func (a *Actor) Poll() zmq.PollEvents { return a.out.Poll() }

// Notify implements zmq.Pollable.
func (a *Actor) Notify(c chan<- struct{}) (stop func()) { return a.out.Notify(c) }

// Stop ends the actor: its context ends, and with it every call on its pipe that
// waits, however full or empty the mailbox is. Stop waits until the function has
// returned, but not longer than ctx, whose error it returns then. Messages in the
// mailbox are not delivered, unless the function takes them by TryRecv; those
// that remain are counted in Stats. What the actor has sent can still be received.
// Stop may be called again, and by many.
func (a *Actor) Stop(ctx context.Context) error {
	a.halt()
	return a.wait(ctx)
}

// Drain ends the actor when it has received what is in its mailbox: from now on
// Send returns ErrStopped, and the actor's Recv does so after the last message.
// Like Stop it waits for the function, but not longer than ctx.
func (a *Actor) Drain(ctx context.Context) error {
	a.mu.Lock()
	a.final = true
	idle := a.life == nil
	a.mu.Unlock()
	a.out.CloseSend()
	if idle {
		a.halt() // it does not run, and will not again: nobody would read
	}
	return a.wait(ctx)
}

func (a *Actor) wait(ctx context.Context) error {
	done := a.Done()
	select {
	case <-done:
		return nil
	default:
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Done is closed when the function has returned for the last time.
func (a *Actor) Done() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done == nil {
		a.done = make(chan struct{})
		if a.ended {
			close(a.done)
		}
	}
	return a.done
}

// Err is nil until Done is closed, and then the error of the function: nil too
// when it ended because it was told to, and a *PanicError when it panicked.
func (a *Actor) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// Stats are an actor's counters.
type Stats struct {
	Mailbox     int    // messages that wait for the actor
	Output      int    // messages that wait for the owner
	Dropped     uint64 // messages dropped by DropNew
	Undelivered int    // messages that were in the mailbox when the actor ended
}

// Stats returns the counters.
func (a *Actor) Stats() Stats {
	s := Stats{Mailbox: a.in.Len(), Output: a.out.Len(), Dropped: a.dropped.Load()}
	a.mu.Lock()
	defer a.mu.Unlock()
	s.Undelivered = a.undelivered
	return s
}

// owners translates an error of the owner's end.
func (a *Actor) owners(err error) error {
	switch err {
	case nil:
		return nil
	case mailbox.ErrAgain:
		return ErrAgain
	case mailbox.ErrClosed:
		return a.stopped()
	}
	return err
}

// stopped is the error of a call on an actor that has ended or was told to.
func (a *Actor) stopped() error {
	if err := a.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return ErrStopped
}
