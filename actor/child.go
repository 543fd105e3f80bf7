package actor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// child is what a supervisor knows of one of its actors.
type child struct {
	sup  *Supervisor
	u    *unit // set by adopt
	rule Restart
	seq  uint64          // its place in the order
	lost func(err error) // called at its end for good, before its Done is closed; nil for most. Set before it starts.

	// Guarded by sup.mu.
	next, prev *child        // the ring of all
	index      int           // in sup.waiting; -1 when it is not there
	life       life          // that runs; nil when none does
	isReady    bool          // it is ready
	exited     bool          // it is in sup.exits
	gone       bool          // it has ended for good
	since      time.Time     // when its life began
	due        time.Time     // when the next may begin
	failed     int           // how often in a row
	failures   intensity     // its own, under OneForOne
	err        error         // of the last life
	lastErr    error         // the last that was one
	stopped    chan struct{} // closed at the end of a life that the supervisor ends
	ready      chan struct{} // closed when the life is ready or at its end; nil when nobody waits
}

// link enters c at the end of the ring; the caller holds mu.
func (s *Supervisor) link(c *child) {
	if s.head == nil {
		s.head, c.next, c.prev = c, c, c
		return
	}
	c.next, c.prev = s.head, s.head.prev
	c.prev.next, c.next.prev = c, c
}

func (s *Supervisor) unlink(c *child) {
	if s.head == c {
		s.head = c.next
	}
	if s.head == c {
		s.head = nil
	}
	c.prev.next, c.next.prev = c.next, c.prev
	c.next, c.prev = nil, nil
}

// inOrder ranges over the children; the caller holds mu.
func (s *Supervisor) inOrder() iter.Seq[*child] {
	return func(yield func(*child) bool) {
		for c := s.head; c != nil; {
			next := c.next
			if !yield(c) || next == s.head {
				return
			}
			c = next
		}
	}
}

func (s *Supervisor) snapshot() []*child {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(s.inOrder())
}

// start begins a life; nil when the actor was told to end. The caller holds mu and
// launches the life when it does not any more.
func (s *Supervisor) start(c *child) life {
	l := c.u.self.begin(s.ctx)
	if l == nil {
		return nil // whoever told it to end forgets it
	}
	c.life, c.since, c.err, c.isReady, c.exited = l, time.Now(), nil, false, false
	s.tell(c, Event{Kind: Started})
	return l
}

// startWaiting starts the children whose time has come. inOrder has each be ready
// before the next is started. Under strategies that care for order, one that has to
// wait for its restart holds up those after it.
func (s *Supervisor) startWaiting(ctx context.Context, inOrder bool) error {
	for {
		if err := s.handleExits(); err != nil {
			return err // one that has failed comes before those after it
		}
		c, l, ready := s.startNext(inOrder)
		if c == nil {
			return nil
		}
		if l == nil {
			continue
		}
		c.u.self.launch(l)
		if inOrder {
			if err := s.awaitReady(ctx, c, ready); err != nil {
				return err
			}
		}
	}
}

// startNext starts the next child that is due, if there is one.
func (s *Supervisor) startNext(inOrder bool) (c *child, l life, ready chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c = s.waiting.first()
	if c == nil || c.due.After(time.Now()) {
		return nil, nil, nil
	}
	s.waiting.remove(c)
	l = s.start(c)
	if l != nil && inOrder {
		ready = make(chan struct{})
		c.ready = ready
	}
	return c, l, ready
}

// awaitReady waits until a child that was just started is ready or has exited, and
// deals with exits meanwhile. One that is not ready in time, and does not return
// either, is waited for no longer.
func (s *Supervisor) awaitReady(ctx context.Context, c *child, ready <-chan struct{}) error {
	t := time.NewTimer(c.u.ready + c.u.stop)
	defer t.Stop()
	for {
		select {
		case <-ready:
			return nil
		case <-s.wake:
			if _, failed, _ := s.next(); failed != nil {
				return failed
			}
			if err := s.handleExits(); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			s.tell(c, Event{Kind: Stuck, Err: errLate})
			if s.strategy == OneForOne {
				return nil
			}
			return fmt.Errorf("%w: child %q: %w", ErrStuck, c.u.name, errLate)
		}
	}
}

// readied enters that a life is ready.
func (u *unit) readied(l life) {
	u.tell(Event{Kind: Ready})
	c := u.child
	if c == nil {
		return
	}
	c.sup.mu.Lock()
	defer c.sup.mu.Unlock()
	if c.life == l {
		c.isReady = true
		c.settle()
	}
}

// settle ends the waiting for c to be ready; the caller holds mu.
func (c *child) settle() {
	if c.ready != nil {
		close(c.ready)
		c.ready = nil
	}
}

// exited enters the end of a life. It returns the next one when that is to begin at
// once, on the goroutine of the last.
func (s *Supervisor) exited(c *child, l life, err error) (next life) {
	s.mu.Lock()
	c.life, c.err = nil, err
	c.lastErr = cmpErr(err, c.lastErr)
	s.tell(c, Event{Kind: Exited, Err: err})
	c.settle()
	end := false
	switch {
	case c.stopped != nil: // the supervisor has ended it, and goes on with it
		close(c.stopped)
		c.stopped = nil
	case c.u.isOver():
		end = true
	case s.state != running: // it begins again with the supervisor, or ends with it
		end = s.state&closed != 0
	case s.strategy != OneForOne:
		c.exited = true
		s.exits = append(s.exits, c)
		s.wakeUp()
	default:
		next, end = s.restartOne(c, err)
	}
	s.mu.Unlock()
	if end {
		c.u.finish(err)
	}
	return next
}

// restartOne decides what follows a life that has ended by itself, under OneForOne.
// The caller holds mu.
func (s *Supervisor) restartOne(c *child, err error) (next life, end bool) {
	delay, again, failed := s.verdict(c, &c.failures, err)
	if failed != nil || !again {
		return nil, failed == nil
	}
	s.tell(c, Event{Kind: Restarting, Err: err, Delay: delay})
	c.u.count(func(st *Stats) { st.Restarts++ })
	if delay > 0 {
		c.due = time.Now().Add(delay)
		if s.waiting.add(c) {
			s.wakeUp()
		}
		return nil, false
	}
	return s.start(c), false
}

// verdict says whether a child whose life has ended with err is started again, and
// after what delay; failed when the supervisor gives up. The caller holds mu.
func (s *Supervisor) verdict(c *child, count *intensity, err error) (delay time.Duration, again bool, failed error) {
	switch {
	case errors.Is(err, ErrEscalate):
		return 0, false, s.giveUp(c, err)
	case !c.rule.restarts(err):
		return 0, false, nil
	}
	now := time.Now()
	if !count.allow(now) {
		return 0, false, s.giveUp(c, err)
	}
	if now.Sub(c.since) >= count.within {
		c.failed = 0
	}
	c.failed++
	return s.config.backoff.delay(c.failed), true, nil
}

// handleExits deals with the children that have exited by themselves since the
// last time, under strategies that care for order.
func (s *Supervisor) handleExits() error {
	for {
		c := s.nextExit()
		if c == nil {
			return nil
		}
		if err := s.restartGroup(c); err != nil {
			return err
		}
	}
}

// nextExit takes the next of exits; those that have been dealt with as siblings
// are none any more.
func (s *Supervisor) nextExit() *child {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.exits) > 0 {
		c := s.exits[0]
		s.exits = s.exits[1:]
		if c.exited && !c.gone {
			c.exited = false
			return c
		}
	}
	return nil
}

// restartGroup has c, and whom the strategy adds, started again.
func (s *Supervisor) restartGroup(c *child) error {
	s.mu.Lock()
	why := c.err
	delay, again, failed := s.verdict(c, &s.all, why)
	group := s.group(c)
	s.mu.Unlock()
	if failed != nil {
		return failed
	}
	if !again {
		c.u.finish(why)
		return nil
	}
	due := time.Now().Add(delay)
	for _, sibling := range slices.Backward(group) {
		if err := s.stopLife(sibling, sibling.u.stop); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			return errors.Join(s.giveUp(c, why), err)
		}
		s.startLater(sibling, c, due)
	}
	s.tell(c, Event{Kind: Restarting, Err: why, Delay: delay})
	return nil
}

// startLater has a child whose life has ended, because that of c has, begin again.
func (s *Supervisor) startLater(sibling, c *child, due time.Time) {
	if sibling.u.isOver() || sibling != c && sibling.rule == Temporary {
		s.mu.Lock()
		err := sibling.err
		s.mu.Unlock()
		sibling.u.finish(err)
		return
	}
	sibling.u.count(func(st *Stats) { st.Restarts++ })
	s.mu.Lock()
	defer s.mu.Unlock()
	if sibling.gone {
		return
	}
	sibling.exited, sibling.due = false, due
	s.waiting.add(sibling)
}

// group is who is restarted together with c, which is among them. The caller holds
// mu.
func (s *Supervisor) group(c *child) []*child {
	all := slices.Collect(s.inOrder())
	if s.strategy == RestForOne {
		return all[slices.Index(all, c):]
	}
	return all
}

// stopLife ends the life of a child, if it has one, and waits for that, but not for
// longer than patience.
func (s *Supervisor) stopLife(c *child, patience time.Duration) error {
	s.mu.Lock()
	l := c.life
	if l == nil {
		s.mu.Unlock()
		return nil
	}
	stopped := make(chan struct{})
	c.stopped = stopped
	s.mu.Unlock()
	l.end(ErrClosed)
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-stopped:
		return nil
	case <-t.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.stopped != stopped {
		return nil // it has just returned
	}
	c.stopped = nil
	s.tell(c, Event{Kind: Stuck})
	return stuckError(c)
}

// stopAll ends the lives of all children, the last first, and returns why with
// what went wrong. Once one is stuck, the others are told to end at the same time:
// however many are stuck, that takes two stop timeouts.
func (s *Supervisor) stopAll(why error) error {
	s.mu.Lock()
	s.state |= stopping
	all := slices.Collect(s.inOrder())
	s.mu.Unlock()
	var deadline time.Time // of all, when one is stuck
	for i, c := range slices.Backward(all) {
		patience := c.u.stop
		if !deadline.IsZero() {
			patience = max(0, time.Until(deadline))
		}
		err := s.stopLife(c, patience)
		if err == nil {
			continue
		}
		why = errors.Join(why, err)
		if deadline.IsZero() {
			deadline = time.Now().Add(s.config.stop)
			s.tellAll(all[:i])
		}
	}
	return why
}

// tellAll tells children to end, the last first.
func (s *Supervisor) tellAll(all []*child) {
	for _, c := range slices.Backward(all) {
		s.mu.Lock()
		l := c.life
		s.mu.Unlock()
		if l != nil {
			l.end(ErrClosed)
		}
	}
}

// forget takes out a child whose actor ends for good.
func (s *Supervisor) forget(c *child, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.gone || c.next == nil {
		return
	}
	c.gone = true
	s.unlink(c)
	s.waiting.remove(c)
	delete(s.names, c.u.name)
	s.tell(c, Event{Kind: Ended, Err: err})
}
