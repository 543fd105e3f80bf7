package actor

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// Pipe is the actor's side of an actor. The methods that receive, Reply, Defer
// and Loop belong to one goroutine, which is as a rule the actor's; the others
// may be called from any. When the function has returned, a Pipe is of no use.
type Pipe struct {
	a        *Actor
	ctx      context.Context // the function's; it is of this life, and ends with it
	cancel   context.CancelCauseFunc
	unlink   func() bool // takes Interrupt off the parent context
	late     *time.Timer // ends the life when it is not ready in time
	err      error       // of the function
	follows  life        // that begins at once when this one has ended
	returned bool        // fn has returned, and not panicked
	over     atomic.Bool // the life has ended: p is of no use any more

	isReady atomic.Bool
	begun   chan struct{} // guarded by a.mu: closed when it is ready or has ended; nil then

	asked *frameCall  // the Ask behind the message received last; nil when it was a Send
	loop  *zloop.Loop // made by Loop
	open  openList    // Asks that are to be answered later

	mu   sync.Mutex
	kids *children // guarded by mu: made by Children
}

// Both sides can be sources of a loop.
var (
	_ zloop.Receiver = (*Pipe)(nil)
	_ zloop.Receiver = (*Actor)(nil)
)

// Ready ends Spawn's waiting: the actor is set up. The first receive of any kind
// does so too, since nothing can be received while Spawn waits.
func (p *Pipe) Ready() {
	if !p.isReady.Load() && p.isReady.CompareAndSwap(false, true) {
		if p.late != nil {
			p.late.Stop()
		}
		p.begins()
		p.a.readied(p)
	}
}

// begins ends the waiting for the actor to be ready.
func (p *Pipe) begins() {
	p.a.mu.Lock()
	defer p.a.mu.Unlock()
	if p.begun != nil {
		close(p.begun)
		p.begun = nil // an idle actor is small
	}
}

// Name is the actor's name.
func (p *Pipe) Name() string { return p.a.Name() }

// Recv returns the next message of the mailbox. When the actor is told to end,
// Recv returns ErrClosed at once, whatever is in the mailbox: stopping does not
// wait behind messages. When it is drained, Recv returns ErrClosed after the last.
func (p *Pipe) Recv(ctx context.Context) (msg.Msg, error) {
	p.next()
	if p.ctx.Err() != nil {
		return msg.Msg{}, ErrClosed
	}
	for {
		m, t, err := p.a.in.RecvTagged(p.waitCtx(ctx))
		if p.asked = callOf(t); p.worthIt(err) {
			return m, actors(err)
		}
	}
}

// worthIt reports whether to work on the message received last: not on one that was
// asked by someone who waits no longer.
func (p *Pipe) worthIt(err error) bool {
	if p.asked == nil || p.asked.live() {
		if err == nil {
			p.a.listed.one()
		}
		return true
	}
	p.asked.fail(answered, p.asked.ctx.Err())
	p.asked = nil
	p.a.count(func(s *Stats) { s.Expired++ })
	return false
}

// TryRecv is Recv that returns ErrAgain where Recv would wait. After the actor
// was told to end it still returns what is in the mailbox, for functions that
// want to deal with that before they return.
func (p *Pipe) TryRecv() (msg.Msg, error) {
	p.next()
	if p.over.Load() {
		return msg.Msg{}, ErrClosed // what is in the mailbox is for the next life
	}
	for {
		m, t, err := p.a.in.TryRecvTagged()
		if p.asked = callOf(t); p.worthIt(err) {
			return m, actors(err)
		}
	}
}

// Messages ranges over the mailbox. The range ends when the actor is told to
// end, or, after yielding the error, when ctx ends before that.
func (p *Pipe) Messages(ctx context.Context) iter.Seq2[msg.Msg, error] {
	return messages(ctx, p.Recv)
}

// Send sends m to the actor's owner. While as many messages wait there as
// WithOutput allows, it waits for room; when the actor is told to end, it returns
// ErrClosed instead of waiting.
func (p *Pipe) Send(ctx context.Context, m msg.Msg) error {
	if p.over.Load() {
		return ErrClosed
	}
	return actors(p.a.in.Send(p.waitCtx(ctx), m))
}

// TrySend is Send that returns ErrAgain where Send would wait.
func (p *Pipe) TrySend(m msg.Msg) error {
	if p.over.Load() {
		return ErrClosed
	}
	return actors(p.a.in.TrySend(m))
}

// Poll implements zmq.Pollable: In is for Recv, Out for Send.
func (p *Pipe) Poll() zmq.PollEvents { return p.a.in.Poll() }

// Notify implements zmq.Pollable.
func (p *Pipe) Notify(c chan<- struct{}) (stop func()) { return p.a.in.Notify(c) }

// Loop returns the actor's own loop, the same at each call. Register what the
// actor reacts to, the pipe itself among it, and run it with the function's
// context:
//
//	loop := p.Loop()
//	loop.Reader(p, func(m msg.Msg) error { ... })
//	loop.Every(time.Second, func() error { ... })
//	p.Ready()
//	return loop.Run(ctx)
//
// Run ends when the actor is told to, and when it has been drained. When another
// source ends, as a connection does with io.EOF, Run returns why, unless the
// source's handle has an OnEnd. The loop is closed with this life of the actor, and has
// its name.
func (p *Pipe) Loop() *zloop.Loop {
	if p.loop == nil {
		opts := []zloop.Option{zloop.WithOnEnd(func(h *zloop.Handle, err error) error {
			if h.Source() == p {
				return zloop.ErrStop
			}
			return err
		})}
		if p.a.name != "" {
			opts = append(opts, zloop.WithName(p.a.name))
		}
		p.loop, _ = zloop.New(opts...) // which can fail for its options only
	}
	return p.loop
}

// Children returns the supervisor of the actors that belong to this life. They are
// independent (OneForOne), are stopped when the life ends, and the life has not
// ended before they have: the next may use their names again. When the supervisor
// gives up, that ends the life, with its error.
func (p *Pipe) Children() *Supervisor {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kids == nil {
		p.kids = newChildren(p.over.Load(), p.end)
	}
	return p.kids.sup
}

// next begins a receive.
func (p *Pipe) next() {
	p.Ready()
	if p.asked != nil {
		p.asked.fail(answered, ErrNoReply)
		p.asked = nil
	}
}

// waitCtx is the context for a wait. The end of p.ctx interrupts every wait of
// this life already, so that one with p.ctx needs no context, which makes a
// round trip a third cheaper.
func (p *Pipe) waitCtx(ctx context.Context) context.Context {
	if ctx == p.ctx {
		return context.Background()
	}
	return ctx
}

// end tells this life to end.
func (p *Pipe) end(cause error) {
	p.cancel(cause)
	p.a.interrupt(p)
}

// release frees what ties p to its parent context.
func (p *Pipe) release() {
	p.cancel(ErrClosed)
	if p.unlink != nil {
		p.unlink()
	}
	if p.late != nil {
		p.late.Stop()
	}
}

// interrupt ends the waits of the life p, unless another one has begun.
func (a *Actor) interrupt(p *Pipe) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.life == p {
		a.in.Interrupt()
	}
}

// actors translates an error of the actor's end.
func actors(err error) error {
	switch err {
	case nil:
		return nil
	case mailbox.ErrAgain:
		return ErrAgain
	case mailbox.ErrClosed, mailbox.ErrInterrupted:
		return ErrClosed
	}
	return err
}
