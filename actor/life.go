package actor

import (
	"context"
	"errors"
	"net"
	"runtime/debug"
	"runtime/pprof"
	"time"
)

// A life is one run of an actor's function. A plain actor has one; a supervised
// one may have many, with one mailbox: what changes hands is its Pipe.

// begin makes the Pipe of a new life, which ends by exited being closed. It
// returns nil when the actor was told to end.
func (a *Actor) begin(ctx context.Context, exited chan struct{}) *Pipe {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.final {
		return nil
	}
	p := &Pipe{a: a, begun: make(chan struct{}), exited: exited}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	a.life = p
	a.in.Resume()
	if ctx.Done() != nil {
		// Waits on the pipe do not look at p.ctx: see Pipe.waitCtx.
		p.unlink = context.AfterFunc(ctx, func() { a.interrupt(p) })
	}
	if a.ready > 0 {
		p.late = time.AfterFunc(a.ready, func() { p.end(errLate) })
	}
	return p
}

// live is an actor's goroutine. Its frames are what an idle actor costs most:
// that is why there are so few, and so small.
func (a *Actor) live(p *Pipe, fn Func) {
	defer p.exit()
	if a.name != "" {
		p.label()
	}
	p.err = fn(p.ctx, p)
	p.returned = true
}

// label marks the goroutine in profiles.
func (p *Pipe) label() {
	pprof.SetGoroutineLabels(pprof.WithLabels(p.ctx, pprof.Labels("actor", p.a.name)))
}

// exit closes the books of a life, also when fn panics or calls runtime.Goexit.
func (p *Pipe) exit() {
	if v := recover(); v != nil {
		p.err = &PanicError{Value: v, Stack: debug.Stack()}
	} else if !p.returned {
		p.err = errGoexit
	}
	p.over.Store(true)
	p.err = p.asTold(p.err)
	p.end(ErrStopped)
	p.release()
	p.failAsks(p.err)
	p.a.settle(p)
	if p.exited == nil {
		p.begins() // Spawn waits for nothing else; a supervisor is told by report
	}
}

// late is the error of a life that was not ready in time; else nil.
func late(p *Pipe) error {
	if context.Cause(p.ctx) == errLate {
		return errLate
	}
	return nil
}

// asTold returns nil instead of an error that only says that the actor was told
// to end.
func (p *Pipe) asTold(err error) error {
	cause := context.Cause(p.ctx)
	switch {
	case late(p) != nil:
		return errLate
	case cause != nil && (errors.Is(err, p.ctx.Err()) || errors.Is(err, net.ErrClosed)):
		return nil // sockets that were made with the actor's context close with it
	case errors.Is(err, ErrStopped) && (cause != nil || p.a.isFinal()):
		return nil
	}
	return err
}

func (a *Actor) isFinal() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.final
}

// halt tells the actor to end for good, and ends it when it is not running.
func (a *Actor) halt() {
	a.out.CloseSend()
	a.mu.Lock()
	a.final = true
	p := a.life
	a.mu.Unlock()
	if p != nil {
		p.end(ErrStopped)
		return
	}
	a.finish(nil)
}

// settle ends a life, and with it the actor unless a supervisor may start another.
func (a *Actor) settle(p *Pipe) {
	a.mu.Lock()
	a.life = nil
	var after func()
	if a.final || p.exited == nil {
		after = a.finishLocked(p.err)
	}
	a.mu.Unlock()
	if after != nil {
		after()
	}
	if p.exited != nil {
		close(p.exited)
	}
}

// finish is the end: nothing runs, and nothing will. Only the first call counts.
func (a *Actor) finish(err error) {
	a.mu.Lock()
	after := a.finishLocked(err)
	a.mu.Unlock()
	if after != nil {
		after()
	}
}

func (a *Actor) finishLocked(err error) (after func()) {
	if a.ended {
		return nil
	}
	a.final, a.ended, a.err = true, true, err
	a.undelivered = a.in.Close()
	a.registry.leave(a)
	if a.done != nil {
		close(a.done)
	}
	return a.after
}

// whenDone has fn called when the actor ends; a second call replaces the first.
func (a *Actor) whenDone(fn func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.after = fn
}

func (a *Actor) hasEnded() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended
}
