package actor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Supervisor keeps actors running: it starts its children in the order in which
// they were added, restarts them when they fail, and stops them in the reverse
// order. A child's Actor stays the same through all restarts, and so does its
// mailbox. Its methods may be called from any goroutine.
type Supervisor struct {
	strategy    Strategy
	stopTimeout time.Duration
	onEvent     func(Event)
	wake        chan struct{} // one slot: a child was added or has exited

	mu       sync.Mutex
	children []*child // guarded by mu: in the order of Add
	exits    []exit   // guarded by mu: not looked at yet
	serving  bool     // guarded by mu
	closed   bool     // guarded by mu: it has served for the last time

	// Of the goroutine in Serve.
	failures intensity
	backoff  backoff
}

// SupervisorOption changes how a supervisor behaves.
type SupervisorOption func(*Supervisor)

// WithIntensity sets how many failures of children are tolerated within d: at one
// more the supervisor gives up. The default is 10 in 10 s. A child that has run
// for d counts as recovered: its next failure is its first.
func WithIntensity(n int, d time.Duration) SupervisorOption {
	return func(s *Supervisor) { s.failures.most, s.failures.within = n, d }
}

// WithBackoff sets how long a child waits for its restart: not at all after its
// first failure, about least after the second in a row, and then twice as long
// each time, up to most. The default is from 10 ms to 5 s.
func WithBackoff(least, most time.Duration) SupervisorOption {
	return func(s *Supervisor) { s.backoff.least, s.backoff.most = least, most }
}

// WithStopTimeout sets how long a child may take to return when it is told to;
// the default is 5 s. After that the supervisor reports it as Stuck: at the end of
// Serve it goes on without it; when it was to be restarted with its siblings the
// supervisor gives up, because no actor may run twice.
func WithStopTimeout(d time.Duration) SupervisorOption {
	return func(s *Supervisor) { s.stopTimeout = d }
}

// WithOnEvent has fn called with what happens to the children, one event after
// the other. It must not block, since the supervisor waits for it.
func WithOnEvent(fn func(Event)) SupervisorOption {
	return func(s *Supervisor) { s.onEvent = fn }
}

// NewSupervisor makes a supervisor without children.
func NewSupervisor(strategy Strategy, opts ...SupervisorOption) *Supervisor {
	s := &Supervisor{
		strategy:    strategy,
		stopTimeout: 5 * time.Second,
		onEvent:     func(Event) {},
		wake:        make(chan struct{}, 1),
		failures:    intensity{most: 10, within: 10 * time.Second},
		backoff:     backoff{least: 10 * time.Millisecond, most: 5 * time.Second, random: rand.Float64},
	}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Add adds a child, which is started by Serve, or at once when the supervisor is
// serving. Its Actor may be used immediately: what it is sent waits in its mailbox.
// To end a child for good, Stop or Drain its Actor.
func (s *Supervisor) Add(name string, fn Func, kind Kind, opts ...Option) (*Actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrStopped
	}
	for _, c := range s.children {
		if c.a.name == name && !c.a.hasEnded() {
			return nil, fmt.Errorf("%w: %q is a child of the supervisor", ErrNameTaken, name)
		}
	}
	a, err := newActor(append(slices.Clip(opts), WithName(name)))
	if err != nil {
		return nil, err
	}
	s.children = append(s.children, &child{a: a, fn: fn, kind: kind})
	s.wakeUp()
	return a, nil
}

// Child returns the child with that name, unless it has ended for good.
func (s *Supervisor) Child(name string) (*Actor, bool) {
	for _, a := range s.Children() {
		if a.name == name {
			return a, true
		}
	}
	return nil, false
}

// Children returns the children that have not ended for good, in their order.
func (s *Supervisor) Children() []*Actor {
	var list []*Actor
	for _, c := range s.snapshot() {
		if !c.a.hasEnded() {
			list = append(list, c.a)
		}
	}
	return list
}

func (s *Supervisor) snapshot() []*child {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.children)
}

// Serve starts the children and looks after them until ctx ends, or the
// supervisor gives up: then it stops them all and returns ctx's error, or one that
// matches ErrGaveUp and the child's error. It serves once; under another
// supervisor, by ServiceFunc, it may be restarted, with its children's mailboxes.
func (s *Supervisor) Serve(ctx context.Context) error {
	err := s.serve(ctx, func() {})
	if err != ErrServing {
		s.close()
	}
	return err
}

// serve calls ready when it has started those that were there at the beginning.
func (s *Supervisor) serve(ctx context.Context, ready func()) error {
	if err := s.begin(); err != nil {
		return err
	}
	err := s.startDue(ctx, true)
	if err == nil {
		ready()
	}
	for err == nil {
		if err = s.wait(ctx); err == nil {
			_, err = s.handleExits()
		}
		if err == nil {
			err = s.startDue(ctx, s.strategy != OneForOne)
		}
	}
	err = s.stopAll(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = false
	return err
}

func (s *Supervisor) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrStopped
	case s.serving:
		return ErrServing
	}
	s.serving = true
	s.failures.recent = nil
	return nil
}

// close ends the children for good. None of them runs, but for stuck ones.
func (s *Supervisor) close() {
	s.mu.Lock()
	s.closed = true
	children := s.children
	s.children = nil
	s.mu.Unlock()
	for _, c := range slices.Backward(children) {
		if c.p == nil {
			c.a.finish(c.err)
		} else {
			c.a.halt() // it is stuck, and ends when it returns
		}
	}
}

// wait returns nil when there is something to look at.
func (s *Supervisor) wait(ctx context.Context) error {
	var clock <-chan time.Time
	if due, ok := s.nextStart(); ok {
		t := time.NewTimer(time.Until(due))
		defer t.Stop()
		clock = t.C
	}
	select {
	case <-s.wake:
	case <-clock:
	case <-ctx.Done():
		return ctx.Err()
	}
	return ctx.Err()
}

func (s *Supervisor) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// exited deals with a child whose function has returned by itself. An error means
// to give up.
func (s *Supervisor) exited(c *child) error {
	err, ran := c.p.err, time.Since(c.since)
	c.p, c.err = nil, err
	s.tell(Event{Kind: Exited, Child: c.a.name, Err: err})
	switch {
	case c.a.hasEnded():
		s.remove(c, err)
		return nil
	case errors.Is(err, ErrEscalate):
		return s.giveUp(c, err)
	case !c.kind.restarts(err):
		s.endChild(c, err)
		return nil
	}
	now := time.Now()
	if !s.failures.allow(now) {
		return s.giveUp(c, err)
	}
	if ran >= s.failures.within {
		c.failed = 0
	}
	c.failed++
	return s.restart(c, err, now, s.backoff.delay(c.failed))
}

// restart has c, and whom the strategy adds, started again after the delay.
func (s *Supervisor) restart(c *child, why error, now time.Time, delay time.Duration) error {
	group := s.group(c)
	for _, sibling := range slices.Backward(group) {
		if err := s.stopLife(sibling); err != nil {
			return errors.Join(s.giveUp(c, why), err)
		}
		if sibling != c && sibling.kind == Temporary {
			s.endChild(sibling, sibling.err)
			continue
		}
		sibling.due = now.Add(delay)
	}
	s.tell(Event{Kind: Restarting, Child: c.a.name, Err: why, Delay: delay})
	return nil
}

// group is who is restarted together with c, which is among them.
func (s *Supervisor) group(c *child) []*child {
	all := s.snapshot()
	switch i := slices.Index(all, c); s.strategy {
	case OneForAll:
		return all
	case RestForOne:
		return all[i:]
	}
	return []*child{c}
}

func (s *Supervisor) giveUp(c *child, err error) error {
	s.tell(Event{Kind: GaveUp, Child: c.a.name, Err: err})
	if err == nil {
		return fmt.Errorf("%w: child %q ended too often", ErrGaveUp, c.a.name)
	}
	return fmt.Errorf("%w: child %q: %w", ErrGaveUp, c.a.name, err)
}

func (s *Supervisor) tell(e Event) { s.onEvent(e) }

// Service is what a program may keep running beside actors. *Supervisor is one.
type Service interface {
	// Serve works until ctx ends.
	Serve(ctx context.Context) error
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
			return svc.Serve(ctx)
		}
	}
	return func(ctx context.Context, p *Pipe) error {
		p.a.whenDone(s.close)
		return s.serve(ctx, p.Ready)
	}
}
