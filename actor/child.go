package actor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// child is what a supervisor knows of one of its actors. But for the first three,
// which are fixed, its fields belong to the goroutine in Serve.
type child struct {
	a    *Actor
	fn   Func
	kind Kind

	p      *Pipe     // its life; nil while it does not run
	since  time.Time // when that began
	due    time.Time // when the next may begin, while it does not run
	failed int       // how often in a row
	err    error     // of the last one
}

// startDue starts the children whose time has come. Under the strategies that
// care for order, and at the beginning, each is ready before the next is started.
// Under those strategies, one that has to wait for its restart holds up those after it.
func (s *Supervisor) startDue(ctx context.Context, inOrder bool) (err error) {
	for again := true; again && err == nil; {
		again, err = s.startSome(ctx, inOrder)
	}
	return err
}

// startSome starts children until an exit has changed what is to be done.
func (s *Supervisor) startSome(ctx context.Context, inOrder bool) (again bool, err error) {
	for _, c := range s.snapshot() {
		switch {
		case c.p != nil:
			continue
		case !c.due.After(time.Now()):
		case s.strategy == OneForOne:
			continue
		default:
			return false, nil
		}
		ready := s.start(ctx, c)
		if ready == nil || !inOrder {
			continue
		}
		if again, err = s.awaitReady(ctx, c, ready); again || err != nil {
			return again, err
		}
	}
	return false, nil
}

// awaitReady waits until a child that was just started is ready or has exited, and
// deals with exits meanwhile. changed says that there were any.
func (s *Supervisor) awaitReady(ctx context.Context, c *child, ready <-chan struct{}) (changed bool, err error) {
	for p := c.p; c.p == p && err == nil; {
		select {
		case <-ready:
			return changed, nil
		case <-s.wake:
		case <-ctx.Done():
			return changed, ctx.Err()
		}
		var some bool
		some, err = s.handleExits()
		changed = changed || some
	}
	return changed, err
}

// nextStart is when the next child may be started: under strategies that care for
// order, the first of those that do not run.
func (s *Supervisor) nextStart() (due time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.children {
		if c.p == nil && (!ok || c.due.Before(due)) {
			due, ok = c.due, true
			if s.strategy != OneForOne {
				break
			}
		}
	}
	return due, ok
}

// start begins a life, and returns what is closed when it is ready; nil when there
// is no life. The end of Serve's context must not reach the
// children by itself, because they are to be stopped in order.
func (s *Supervisor) start(ctx context.Context, c *child) (ready <-chan struct{}) {
	c.p = c.a.begin(context.WithoutCancel(ctx), make(chan struct{}))
	if c.p == nil {
		s.remove(c, nil) // its actor was told to end
		return nil
	}
	ready, c.since, c.err = c.p.begun, time.Now(), nil
	s.tell(Event{Kind: Started, Child: c.a.name})
	go s.run(c, c.p)
	return ready
}

// run is a child's goroutine.
func (s *Supervisor) run(c *child, p *Pipe) {
	defer s.report(exit{c, p})
	c.a.live(p, c.fn)
}

// exit is a life that has ended.
type exit struct {
	c *child
	p *Pipe
}

func (s *Supervisor) report(x exit) {
	s.mu.Lock()
	s.exits = append(s.exits, x)
	s.mu.Unlock()
	s.wakeUp()
}

// handleExits deals with the children that have exited by themselves since the
// last time. Lives that the supervisor has ended are reported too, but are not
// their child's any more.
func (s *Supervisor) handleExits() (some bool, err error) {
	s.mu.Lock()
	exits := s.exits
	s.exits = nil
	s.mu.Unlock()
	for _, x := range exits {
		if x.c.p != x.p {
			continue
		}
		some = true
		if err := s.exited(x.c); err != nil {
			return some, err
		}
	}
	return some, nil
}

// stopLife ends the life of a child, if it has one, and waits for that.
func (s *Supervisor) stopLife(c *child) error {
	if c.p == nil {
		return nil
	}
	c.p.end(ErrStopped)
	t := time.NewTimer(s.stopTimeout)
	defer t.Stop()
	select {
	case <-c.p.exited:
	case <-t.C:
		s.tell(Event{Kind: Stuck, Child: c.a.name})
		return fmt.Errorf("%w: child %q", ErrStuck, c.a.name)
	}
	s.tell(Event{Kind: Exited, Child: c.a.name, Err: c.p.err})
	c.p = nil
	return nil
}

// stopAll ends the lives of all children, the last first, and returns why with
// what went wrong.
func (s *Supervisor) stopAll(why error) error {
	for _, c := range slices.Backward(s.snapshot()) {
		if err := s.stopLife(c); err != nil {
			why = errors.Join(why, err)
		}
	}
	return why
}

// endChild ends a child that does not run, for good.
func (s *Supervisor) endChild(c *child, err error) {
	c.a.finish(err)
	s.remove(c, err)
}

// remove forgets a child whose actor has ended.
func (s *Supervisor) remove(c *child, err error) {
	s.mu.Lock()
	if i := slices.Index(s.children, c); i >= 0 {
		s.children = slices.Delete(s.children, i, i+1)
	}
	s.mu.Unlock()
	s.tell(Event{Kind: Ended, Child: c.a.name, Err: err})
}
