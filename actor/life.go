package actor

import (
	"context"
	"errors"
	"runtime/debug"
	"runtime/pprof"
	"time"
)

// A life is one run of an actor's function. A plain actor has one; a supervised
// one may have many, with one mailbox: what changes hands is its Pipe.

// begin makes the Pipe of a new life, which ends by exited being closed. It
// returns nil when the actor was told to end.
func (a *Actor) begin(ctx context.Context, exited chan struct{}) *Pipe {
	p := &Pipe{a: a, readyc: make(chan struct{}), exited: exited}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	if ctx.Done() != nil {
		// A call that waits on the pipe looks at p.ctx only through Interrupt: see
		// Pipe.waitCtx.
		p.unlink = context.AfterFunc(ctx, a.in.Interrupt)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.final {
		p.release()
		return nil
	}
	a.life = p
	a.in.Resume()
	if a.ready > 0 {
		p.late = time.AfterFunc(time.Duration(a.ready), func() { p.end(errLate) })
	}
	return p
}

// live runs fn and then finish, also when fn panics or calls runtime.Goexit.
func (a *Actor) live(p *Pipe, fn Func, finish func(error)) {
	err := errGoexit
	defer func() { a.exit(p, err, finish) }()
	if a.name != "" {
		pprof.SetGoroutineLabels(pprof.WithLabels(p.ctx, pprof.Labels("actor", a.name)))
	}
	err = call(fn, p)
}

func call(fn Func, p *Pipe) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn(p.ctx, p)
}

// exit closes the books of a life.
func (a *Actor) exit(p *Pipe, err error, finish func(error)) {
	err = p.asTold(err)
	p.end(ErrStopped)
	p.release()
	p.failAsks(err)
	a.mu.Lock()
	a.life = nil
	a.mu.Unlock()
	finish(err)
}

// asTold returns nil instead of an error that only says that the actor was told
// to end.
func (p *Pipe) asTold(err error) error {
	if errors.Is(err, ErrStopped) {
		return nil
	}
	if p.ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(p.ctx); errors.Is(cause, ErrNotReady) {
		return cause
	} else if errors.Is(err, cause) || errors.Is(err, p.ctx.Err()) {
		return nil
	}
	return err
}

// halt tells the actor to end for good, and ends it when it is not running.
func (a *Actor) halt() {
	a.mu.Lock()
	p := a.life
	a.final = true
	a.mu.Unlock()
	a.out.CloseSend()
	if p != nil {
		p.end(ErrStopped)
		return
	}
	a.finish(nil)
}

// finish is the end: nothing runs, and nothing will.
func (a *Actor) finish(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.done:
		return
	default:
	}
	a.final = true
	a.err, a.gone = err, stoppedBy(err)
	a.undelivered = a.in.Close()
	a.registry.leave(a)
	close(a.done)
	if a.after != nil {
		a.after()
	}
}

// whenDone has fn called when the actor has ended; a second call replaces the
// first.
func (a *Actor) whenDone(fn func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.after = fn
}
