package actor

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Func is what an actor does: it runs on a goroutine of its own until it
// returns. It should return when ctx ends, which is how the actor is stopped;
// every call on p that waits ends by then. A panic is the actor's error.
type Func func(ctx context.Context, p *Pipe) error

// Actor is the owner's side of an actor that speaks frames, as sockets do, and may
// own sockets. Its methods may be called from any goroutine. (An actor whose
// messages are Go values is a Ref.)
type Actor struct {
	unit
	fn  Func
	out *mailbox.End // the owner's end
	in  *mailbox.End // the actor's end
}

var _ Unit = (*Actor)(nil)

// Spawn starts an actor, and returns it when it is ready: see Pipe.Ready. When
// fn returns before, Spawn returns fn's error, or ErrNotReady for nil.
//
// ctx is the actor's life, not only Spawn's: when it ends, the actor is stopped.
// Spawn never waits longer than for that.
func Spawn(ctx context.Context, fn Func, opts ...Option) (*Actor, error) {
	a, err := newActor(fn, nil, &defaults, opts)
	if err != nil {
		return nil, err
	}
	p := a.begin(ctx).(*Pipe)
	begun := p.begun
	a.launch(p)
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
	return nil, cmp.Or(a.Err(), ctx.Err(), late(p.ctx), failure(context.Cause(p.ctx)), ErrNotReady)
}

func newActor(fn Func, c *child, from *config, opts []Option) (*Actor, error) {
	conf, err := configure(from, opts)
	if err != nil {
		return nil, err
	}
	a := &Actor{unit: unit{config: conf, child: c}, fn: fn}
	a.self = a
	a.out, a.in = mailbox.New(conf.mailbox, conf.output)
	if err := a.enlist(a); err != nil {
		return nil, err
	}
	return a, nil
}

// Send puts m into the mailbox. When it is full, the actor's Overflow decides.
// Send returns ErrClosed when the actor has ended or was told to; nil means that
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
		a.count(func(s *Stats) { s.Dropped++ })
		return nil
	}
	return a.owners(err)
}

// Recv returns the next message that the actor has sent. What it sent before it
// ended can still be received; then Recv returns ErrClosed.
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
			if errors.Is(err, ErrClosed) {
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

func (a *Actor) closeSend()  { a.out.CloseSend() }
func (a *Actor) queued() int { return a.in.Len() }
func (a *Actor) idle() bool  { return a.in.Waiting() }

func (a *Actor) abandon(why error) int {
	return a.in.CloseWith(func(t *mailbox.Tag) { t.Value.(*frameCall).fail(cutOff, why) })
}

func (a *Actor) tally(s *Stats) {
	s.Output = a.out.Len()
	a.mu.Lock()
	p, _ := a.life.(*Pipe)
	a.mu.Unlock()
	if p != nil {
		s.Open = p.open.len()
	}
}
