package actor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Supervisor keeps actors running: it starts its children in the order in which
// they were added, restarts them when they fail, and stops them in the reverse
// order. A child stays the same through all restarts, and so does its mailbox. Its
// methods may be called from any goroutine. What a child costs grows with the
// logarithm of their number, but for restarts of whole groups.
type Supervisor struct {
	strategy Strategy
	config   config        // its own
	children config        // the defaults of the children
	wake     chan struct{} // one slot: there is something to do for the goroutine in Run
	events   events
	ends     sync.Mutex // held by finish

	mu      sync.Mutex
	names   map[string]*child // guarded by mu, as is all that follows
	head    *child            // the first in the order of Add; a ring
	lastSeq uint64
	waiting waiting
	exits   []*child // under strategies that care for order: whose lives have ended by themselves
	state   supervision
	logged  chan struct{}      // closed when the log is written; nil when there is none
	failed  error              // it gives up
	ctx     context.Context    // of the lives, while it runs
	quit    context.CancelFunc // ends this Run
	idle    chan struct{}      // closed at the end of Run; of this Run
	unsent  []Unsent           // messages that were in mailboxes at the end
	all     intensity          // of all children, under strategies that care for order
}

// supervision is a set of what a supervisor is doing.
type supervision uint8

const (
	running  supervision = 1 << iota // Run works
	stopping                         // it stops the children: no life begins
	closed                           // it has run for the last time
)

// NewSupervisor makes a supervisor without children. Its options: WithIntensity,
// WithBackoff, WithReadyTimeout and WithStopTimeout of its children.
func NewSupervisor(strategy Strategy, opts ...Option) (*Supervisor, error) {
	s := &Supervisor{
		strategy: strategy,
		names:    map[string]*child{},
		wake:     make(chan struct{}, 1),
		waiting:  waiting{ordered: strategy != OneForOne},
		config: config{
			ready:     10 * time.Second,
			stop:      stopTimeout,
			intensity: intensity{most: 10, within: 10 * time.Second},
			backoff:   backoff{least: 10 * time.Millisecond, most: 5 * time.Second, random: rand.Float64},
		},
	}
	if strategy > RestForOne {
		return nil, fmt.Errorf("%w: strategy %d: must be OneForOne, OneForAll or RestForOne", ErrOption, strategy)
	}
	if err := s.config.take(ofSupervisor, opts); err != nil {
		return nil, err
	}
	s.children = config{ready: s.config.ready, stop: s.config.stop}
	s.all = s.config.intensity
	return s, nil
}

// Add adds a child, which is started by Run, or at once when the supervisor is
// running. Its Actor may be used immediately: what it is sent waits in its mailbox.
// To end a child for good, Close or Shutdown its Actor. (Actors whose messages are
// Go values are added by Supervise.)
//
// Errors: ErrClosed, ErrNameTaken, ErrNoName, ErrOption.
func (s *Supervisor) Add(name string, fn Func, rule Restart, opts ...Option) (*Actor, error) {
	a, err := newActor(fn, s.newChild(rule), &s.children, append(slices.Clip(opts), WithName(name)))
	if err != nil {
		return nil, err
	}
	if err := s.adopt(&a.unit); err != nil {
		return nil, err
	}
	return a, nil
}

func (s *Supervisor) newChild(rule Restart) *child {
	return &child{sup: s, rule: rule, index: -1, failures: s.config.intensity}
}

// adopt enters a child that was made, and starts it if that is the time.
func (s *Supervisor) adopt(u *unit) error {
	c := u.child
	c.u = u
	l, err := s.enter(c)
	switch {
	case err != nil:
		u.finish(err)
	case l != nil:
		u.self.launch(l)
	}
	return err
}

func (s *Supervisor) enter(c *child) (life, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := c.u.name
	switch {
	case s.state&closed != 0:
		return nil, ErrClosed
	case name == "":
		return nil, ErrNoName
	case s.names[name] != nil:
		return nil, fmt.Errorf("%w: %q is a child of the supervisor", ErrNameTaken, name)
	}
	s.names[name] = c
	s.lastSeq++
	c.seq = s.lastSeq
	s.link(c)
	if s.strategy == OneForOne && s.state == running {
		return s.start(c), nil
	}
	s.waiting.add(c)
	s.wakeUp()
	return nil, nil
}

// Child returns the child with that name, unless it has ended for good.
func (s *Supervisor) Child(name string) (Unit, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.names[name]
	if c == nil {
		return nil, false
	}
	return c.u.self.(Unit), true
}

// Children returns the children that have not ended for good, in their order.
func (s *Supervisor) Children() []Unit {
	var list []Unit
	for _, c := range s.snapshot() {
		list = append(list, c.u.self.(Unit))
	}
	return list
}

// Events returns what happens to the children from this call on. The subscription
// ends with ctx, ranged over or not, and when the supervisor has run for the last
// time; ranging again goes on where the first loop stopped. Up to 10,000 events
// wait for a reader; then the newest are left out, and Missed says how many.
func (s *Supervisor) Events(ctx context.Context) iter.Seq[Event] { return s.events.queue().Events(ctx) }

// Run starts the children and looks after them until ctx ends, or the supervisor
// is closed or gives up; then it stops them all, the last first. It returns nil
// when it was told to end and all children have stopped in time, an error that
// matches ErrStuck for one that has not, and one that matches ErrGaveUp and the
// child's error when it gave up. It runs once; under another supervisor, by
// ServiceFunc, it may be restarted, with its children's mailboxes.
//
// Those that were added before are started one after the other, each when the one
// before is ready, or has failed to be in its ready timeout.
func (s *Supervisor) Run(ctx context.Context) error {
	err := s.serve(ctx, func() {})
	if err != ErrRunning {
		s.finish()
	}
	return err
}

// Close ends Run as the end of its context does, and waits for it, at most for two stop
// timeouts. A supervisor that does not run ends its children's mailboxes. Close returns
// an error that matches ErrStuck and names the children that have not returned yet, and
// an *UnsentError with the messages that the children had in their mailboxes, which are
// not delivered: how many, for whom, and why. It may be called again, and by many; by a child, which it
// would wait for, it must not be.
func (s *Supervisor) Close() error {
	s.mu.Lock()
	idle := s.idle
	if idle != nil && s.state&stopping == 0 {
		s.quit()
		s.state |= stopping
	}
	s.mu.Unlock()
	if idle != nil {
		<-idle // the stop timeouts bound it
	}
	s.finish()
	return s.leftovers()
}

// leftovers is what the end of all has left: children that are stuck, and messages.
func (s *Supervisor) leftovers() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for c := range s.inOrder() {
		if c.life != nil {
			errs = append(errs, stuckError(c))
		}
	}
	if err := unsent(s.unsent); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func stuckError(c *child) error { return fmt.Errorf("%w: child %q", ErrStuck, c.u.name) }

// Shutdown ends the children when they have worked off their mailboxes, the last
// first, and then Run. When ctx ends first, what is left is told to end at once, and
// Shutdown returns ctx's error with that of Close, for which it waits: a child that
// ignores its end costs up to two stop timeouts beyond ctx, and is named.
func (s *Supervisor) Shutdown(ctx context.Context) error {
	var err error
	for _, c := range slices.Backward(s.snapshot()) {
		s.mu.Lock()
		serving := s.state&running != 0
		s.mu.Unlock()
		if !serving || ctx.Err() != nil {
			break // nobody would work it off
		}
		if e := c.u.Shutdown(ctx); e != nil && err == nil {
			err = e
		}
	}
	return errors.Join(err, s.Close())
}

// serve calls ready when it has started those that were there at the beginning.
func (s *Supervisor) serve(ctx context.Context, ready func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.begin(ctx, cancel); err != nil {
		return err
	}
	var err error
	if p := guarded("actor: supervisor", func() { err = s.work(ctx, ready) }); p != nil {
		err = p // the children are stopped all the same
	}
	if err == ctx.Err() {
		err = nil // it was told to end
	}
	err = s.stopAll(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state &^= running | stopping
	close(s.idle)
	s.idle = nil
	return err
}

func (s *Supervisor) work(ctx context.Context, ready func()) error {
	err := s.startWaiting(ctx, true)
	if err == nil {
		ready()
	}
	for err == nil {
		if err = s.wait(ctx); err == nil {
			err = s.handleExits()
		}
		if err == nil {
			err = s.startWaiting(ctx, s.strategy != OneForOne)
		}
	}
	return err
}

func (s *Supervisor) begin(ctx context.Context, cancel context.CancelFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state&closed != 0:
		return ErrClosed
	case s.state&running != 0:
		return ErrRunning
	}
	s.state = running
	s.failed, s.exits = nil, nil
	s.all.recent = nil
	s.quit, s.idle = cancel, make(chan struct{})
	// The end of Run's context must not reach the children by itself, because they
	// are to be stopped in order.
	s.ctx = context.WithoutCancel(ctx)
	s.logEvents()
	for c := range s.inOrder() {
		if c.life == nil {
			c.exited, c.failures.recent = false, nil
			s.waiting.add(c)
		}
	}
	return nil
}

// finish ends the children for good. None of them runs, but for stuck ones.
func (s *Supervisor) finish() {
	s.ends.Lock() // Run and Close may both be here: each returns when all is done
	defer s.ends.Unlock()
	s.mu.Lock()
	s.state |= closed
	s.mu.Unlock()
	for _, c := range slices.Backward(s.snapshot()) {
		s.mu.Lock()
		runs, err := c.life != nil, c.err
		s.mu.Unlock()
		if runs {
			c.u.halt() // it is stuck, and ends when it returns
		} else {
			c.u.finish(err)
			s.left(c.u)
		}
	}
	s.events.close()
	s.endLog()
}

// left counts what was in the mailbox of u, which has ended, if that was at the
// supervisor's end: before, whoever ended u is told.
func (s *Supervisor) left(u *unit) {
	var lost *UnsentError
	if !errors.As(u.unsent(), &lost) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state&(closed|stopping) != 0 {
		s.unsent = append(s.unsent, lost.For...)
	}
}

// wait returns nil when there is something to do.
func (s *Supervisor) wait(ctx context.Context) error {
	due, failed, now := s.next()
	switch {
	case failed != nil:
		return failed
	case now:
		return ctx.Err()
	}
	var clock <-chan time.Time
	if !due.IsZero() {
		t := time.NewTimer(time.Until(due))
		defer t.Stop()
		clock = t.C
	}
	select {
	case <-s.wake:
	case <-clock:
	case <-ctx.Done():
	}
	_, failed, _ = s.next()
	return cmpErr(failed, ctx.Err())
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// next is when the next child may be started, why the supervisor gives up, and
// whether there is something to do at once.
func (s *Supervisor) next() (due time.Time, failed error, now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.waiting.first(); c != nil {
		due = c.due
		now = !due.After(time.Now())
	}
	return due, s.failed, now || len(s.exits) > 0
}

func (s *Supervisor) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// giveUp has Run end with an error. The caller holds mu.
func (s *Supervisor) giveUp(c *child, err error) error {
	s.tell(c, Event{Kind: GaveUp, Err: err})
	if err == nil {
		err = fmt.Errorf("%w: child %q ended too often", ErrGaveUp, c.u.name)
	} else {
		err = fmt.Errorf("%w: child %q: %w", ErrGaveUp, c.u.name, err)
	}
	s.failed = err
	s.wakeUp()
	return err
}

func (s *Supervisor) tell(c *child, e Event) { c.u.tell(e) }
