package actor

import (
	"context"
	"errors"
)

// Service is what a program may keep running beside actors. *Supervisor is one.
type Service interface {
	// Run works until ctx ends.
	Run(ctx context.Context) error
}

// ServiceFunc makes an actor's function of a service, so that supervisors nest:
//
//	parent.Add("workers", actor.ServiceFunc(child), actor.Permanent)
//
// A supervisor under another is ready when its children have been started. When
// it gives up, the other one restarts it, and its children with it; they end for
// good when its own actor does. The actor's mailbox is of no use.
func ServiceFunc(svc Service) Func {
	s, nested := svc.(*Supervisor)
	if !nested {
		return func(ctx context.Context, p *Pipe) error {
			p.Ready()
			return svc.Run(ctx)
		}
	}
	return func(ctx context.Context, p *Pipe) error {
		p.a.nest(s)
		return s.serve(ctx, p.Ready)
	}
}

// children is the supervisor of what one life has made.
type children struct {
	sup    *Supervisor
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of Run; written before done is closed
}

// newChildren makes a supervisor for the children of a life, which end ends. A
// life that is over has none any more: the supervisor of one is closed.
func newChildren(over bool, end func(cause error)) *children {
	k := &children{done: make(chan struct{})}
	k.sup, _ = NewSupervisor(OneForOne) // which fails for options only
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	if over {
		cancel()
	}
	go func() {
		defer close(k.done)
		var err error
		if p := guarded("actor: children", func() { err = k.sup.Run(ctx) }); p != nil {
			err = p
		}
		k.err = err
		switch {
		case errors.Is(err, ErrGaveUp):
			end(err)
		case errors.As(err, new(*PanicError)):
			end(killed{err})
		}
	}()
	return k
}

// close ends the children and waits for them. It returns err, or the children's own
// when there is none.
func (k *children) close(err error) error {
	if k == nil {
		return err
	}
	k.cancel()
	<-k.done
	return cmpErr(err, k.err)
}
