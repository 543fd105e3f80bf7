package actor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/pprof"
	"time"
)

// A life of an Actor is a Pipe: what changes hands when it is restarted.

// begin makes the Pipe of a new life. It returns nil when the actor was told to
// end.
func (a *Actor) begin(ctx context.Context) life {
	p := &Pipe{a: a, begun: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancelCause(context.WithValue(ctx, callerKey{}, &a.unit))
	if !a.enter(p) {
		p.cancel(ErrClosed)
		return nil
	}
	a.in.Resume()
	if ctx.Done() != nil {
		// Waits on the pipe do not look at p.ctx: see Pipe.waitCtx.
		p.unlink = context.AfterFunc(ctx, func() {
			orFail(p, "actor: end of its context", func() { a.interrupt(p) })
		})
	}
	if a.ready > 0 {
		p.late = time.AfterFunc(a.ready, func() { orFail(p, "actor: ready timeout", p.tooLate) })
	}
	return p
}

func (a *Actor) launch(l life) { go a.live(l) }

// live is an actor's goroutine: one life, and those that follow at once. Its
// frames are what an idle actor costs most: that is why there are so few, and so
// small.
func (a *Actor) live(l life) {
	for l != nil {
		p := l.(*Pipe)
		p.live()
		l = p.follows
	}
}

func (p *Pipe) live() {
	defer p.exit()
	if p.a.name != "" {
		p.label()
	}
	p.err = p.a.fn(p.ctx, p)
	p.returned = true
}

// label marks the goroutine in profiles.
func (p *Pipe) label() {
	pprof.SetGoroutineLabels(pprof.WithLabels(p.ctx, pprof.Labels("actor", p.a.name)))
}

// exit closes the books of a life, also when fn panics or calls runtime.Goexit.
func (p *Pipe) exit() {
	v := recover()
	gone := v == nil && !p.returned
	switch {
	case v != nil:
		p.err = newPanicError(v)
	case gone:
		p.err = errGoexit
	}
	p.over.Store(true)
	p.err = asTold(p.ctx, p.err, v != nil, p.a.is(final|draining))
	p.end(ErrClosed)
	p.release()
	p.err = p.closeChildren(p.err)
	p.failAsks(p.err)
	if p.loop != nil {
		_ = p.loop.Close()
	}
	p.follows = p.a.leave(p, p.err)
	p.begins() // Spawn waits for nothing else
	if gone && p.follows != nil {
		p.a.launch(p.follows) // this goroutine is at its end
	}
}

// closeChildren ends what the life has made of others, and waits for it. When it
// is their failure that has ended the life, that is its error.
func (p *Pipe) closeChildren(err error) error {
	p.mu.Lock()
	kids := p.kids
	p.mu.Unlock()
	return kids.close(err)
}

// failAsks ends the Asks that a function left unanswered when it returned.
func (p *Pipe) failAsks(why error) {
	err := noReply(why)
	if p.asked != nil {
		p.asked.fail(cutOff, err)
		p.asked = nil
	}
	p.open.end(err)
}

// noReply is the error of an Ask that was in hand when a life ended because of why.
func noReply(why error) error {
	if why == nil {
		return ErrNoReply
	}
	return fmt.Errorf("%w: %w", ErrNoReply, why)
}

// tooLate is called when the ready timeout has passed.
func (p *Pipe) tooLate() {
	if !p.isReady.Load() {
		p.a.tell(Event{Kind: NotReady})
		p.end(errLate)
	}
}

// late is the error of a life that was not ready in time; else nil.
func late(ctx context.Context) error {
	if context.Cause(ctx) == errLate {
		return errLate
	}
	return nil
}

// asTold returns nil instead of an error that only says that the actor was told
// to end. A panic never says that, whatever it was with.
func asTold(ctx context.Context, err error, panicked, told bool) error {
	cause := context.Cause(ctx)
	switch {
	case panicked:
		return err
	case late(ctx) != nil:
		return errLate
	case failure(cause) != nil:
		return failure(cause)
	case errors.Is(cause, ErrGaveUp):
		return cause // its children's failure is what has ended it
	case cause != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, net.ErrClosed)):
		return nil // sockets that were made with the actor's context close with it
	case errors.Is(err, ErrClosed) && (cause != nil || told):
		return nil
	}
	return err
}
