package actor

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Unit is an actor of either kind, an *Actor or a *Ref: what one can do with it
// whatever its messages are. Its methods may be called from any goroutine.
type Unit interface {
	// Name is the name given by WithName or to the supervisor, or a made-up one.
	Name() string
	// Close ends the actor: its context ends, and with it every call on its pipe
	// that waits, however full or empty the mailbox is. Close waits until the
	// function has returned, but not longer than the stop timeout (WithStopTimeout):
	// then it returns ErrStuck. Messages that are left in the mailbox are not
	// delivered: Close returns an *UnsentError with their number. It may be called
	// again, and by many; by the actor itself, which would wait for itself, it must
	// not be.
	Close() error
	// Shutdown ends the actor when it has received what is in its mailbox: from now
	// on nothing more is taken in. A supervised actor that fails meanwhile is
	// restarted for the rest. When ctx ends first, Shutdown tells the actor to end
	// as Close does, and returns ctx's error without waiting any longer.
	Shutdown(ctx context.Context) error
	// Done is closed when the function has returned for the last time.
	Done() <-chan struct{}
	// Err is nil until Done is closed, and then the error of the function: nil too
	// when it ended because it was told to, and a *PanicError when it panicked.
	Err() error
	// Stats returns the counters.
	Stats() Stats

	base() *unit
}

// Stats are an actor's counters.
type Stats struct {
	Mailbox     int    // messages that wait for the actor
	Output      int    // messages that wait for the owner, of an Actor
	Stashed     int    // messages that a typed actor has put aside
	Open        int    // questions that were received and are not answered yet
	Restarts    uint64 // lives after the first
	Dropped     uint64 // messages dropped by DropNew
	DeadLetters uint64 // messages that were in hand when a life failed; they are not delivered again
	Expired     uint64 // questions that were not worked on, because their asker had left
	Unasked     uint64 // replies to what was not asked, which went nowhere
	Undelivered int    // messages that were in the mailbox when the actor ended
}

// unit is what actors of both kinds have in common: a name, and one lifecycle.
// Most actors are idle and there may be very many: what few of them need is in
// extra.
type unit struct {
	*config
	self  kind                 // the actor that it is part of
	child *child               // what a supervisor knows of it; nil for others. Fixed.
	waits atomic.Pointer[call] // the Ask in which its handler is blocked

	mu      sync.Mutex
	phase   phase        // guarded by mu
	asks    bool         // a message may be a question; fixed
	several bool         // it is a pool; fixed
	shares  bool         // its mailbox is the pool's that it is a member of; fixed
	ahead   atomic.Int32 // messages that were taken from the queue and come first
	life    life         // guarded by mu: of the function that runs now; nil when none does
	extra   *extra       // guarded by mu; see more
}

// phase is a set of what has happened to an actor.
type phase uint8

const (
	draining phase = 1 << iota // it ends when its mailbox is empty
	final                      // it was told to end, and is not started again
	ending                     // its end is being entered
	ended                      // it has ended
)

// extra is the rare part of a unit.
type extra struct {
	id          uint64
	err         error         // of the last life
	done        chan struct{} // closed at the end; made when it is first asked for
	after       []*endHook    // called at the end
	nested      *Supervisor   // whose children end with it
	undelivered int
	stats       Stats
}

// endHook is a function to be called at an actor's end.
type endHook struct{ fn func() }

// kind is what the lifecycle has to know of an actor: the two kinds of mailbox
// and of lives.
type kind interface {
	// begin makes a new life and enters it; nil when the actor was told to end. The
	// life's context has the values of ctx, and ends with it.
	begin(ctx context.Context) life
	// launch has a life that was begun run, on a goroutine of its own.
	launch(l life)
	// closeSend ends the sending to the mailbox.
	closeSend()
	// queued is how many messages wait.
	queued() int
	// abandon empties the mailbox for good, and returns how many messages were in
	// it. Asks among them end with why.
	abandon(why error) int
	// idle reports whether the function waits for a message.
	idle() bool
	// tally adds what the kind alone counts.
	tally(s *Stats)
	// takesWhat is the type of its messages, for people.
	takesWhat() string
}

// life is one run of an actor's function. A plain actor has one; a supervised one
// may have many, with one mailbox.
type life interface {
	// end tells it to end. It does not wait.
	end(cause error)
	// kill has it fail, as soon as the function looks.
	kill(cause error)
	ready() bool
}

var lastID atomic.Uint64

func (u *unit) base() *unit { return u }

// more returns the rare part; the caller holds mu.
func (u *unit) more() *extra {
	if u.extra == nil {
		u.extra = new(extra)
	}
	return u.extra
}

// Name is the name given by WithName or to the supervisor, or a made-up one.
func (u *unit) Name() string {
	if u.name != "" {
		return u.name
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	x := u.more()
	if x.id == 0 {
		x.id = lastID.Add(1)
	}
	return "actor-" + strconv.FormatUint(x.id, 10)
}

// Close ends the actor: see Unit.
func (u *unit) Close() error {
	u.halt()
	if !u.is(ended) {
		runtime.Gosched() // who waits for a message ends in this turn: then nothing is made to wait for it
	}
	if u.is(ended) {
		return u.unsent()
	}
	done := u.Done()
	t := time.NewTimer(u.stop)
	defer t.Stop()
	select {
	case <-done:
		return u.unsent()
	case <-t.C:
		return fmt.Errorf("%w: %s after %v", ErrStuck, u.Name(), u.stop)
	}
}

// unsent is the error of a Close that was in time.
func (u *unit) unsent() error {
	u.mu.Lock()
	var one Unsent
	if x := u.extra; x != nil {
		one.N, one.Why = x.undelivered, x.err
	}
	u.mu.Unlock()
	if one.N == 0 {
		return nil
	}
	one.Actor = u.Name()
	return unsent([]Unsent{one})
}

// Shutdown ends the actor when its mailbox is empty: see Unit.
func (u *unit) Shutdown(ctx context.Context) error {
	u.drain()
	done := u.Done()
	select {
	case <-done:
		return u.unsent()
	default:
	}
	select {
	case <-done:
		return u.unsent()
	case <-ctx.Done():
		u.halt()
		return ctx.Err()
	}
}

// drain has the actor end when its mailbox is empty.
func (u *unit) drain() {
	u.mu.Lock()
	u.phase |= draining
	idle := u.life == nil
	u.mu.Unlock()
	u.self.closeSend()
	if idle && u.self.queued() == 0 {
		u.halt() // it does not run: nobody else would see that there is nothing
	}
}

// halt tells the actor to end for good, and ends it when it is not running. The life
// is told before the mailbox is closed: a typed actor that rests then ends here, by
// the hand of the caller, and not on a goroutine that the mailbox wakes.
func (u *unit) halt() {
	u.mu.Lock()
	u.phase |= final
	l := u.life
	u.mu.Unlock()
	u.listed.ending()
	if l != nil {
		l.end(ErrClosed)
		u.self.closeSend()
		return
	}
	u.self.closeSend()
	u.finish(nil)
}

// Done is closed when the function has returned for the last time.
func (u *unit) Done() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	x := u.more()
	if x.done == nil {
		x.done = make(chan struct{})
		if u.phase&ended != 0 {
			close(x.done)
		}
	}
	return x.done
}

// Err is nil until Done is closed, and then the function's error: see Unit.
func (u *unit) Err() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.extra == nil || u.phase&ended == 0 {
		return nil
	}
	return u.extra.err
}

// Stats returns the counters.
func (u *unit) Stats() Stats {
	var s Stats
	u.mu.Lock()
	if u.extra != nil {
		s = u.extra.stats
		s.Undelivered = u.extra.undelivered
	}
	u.mu.Unlock()
	s.Mailbox = u.self.queued()
	u.self.tally(&s)
	return s
}

// count changes the counters of what is rare.
func (u *unit) count(change func(*Stats)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(&u.more().stats)
}

// is reports whether any of p has happened.
func (u *unit) is(p phase) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.phase&p != 0
}

// enter begins a life, unless the actor was told to end. It is called by begin.
func (u *unit) enter(l life) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.phase&final != 0 {
		return false
	}
	u.life = l
	return true
}

// leave ends what enter began, and returns the life that is to follow at once; nil
// when there is none.
func (u *unit) leave(l life, err error) (next life) {
	u.mu.Lock()
	u.life = nil
	u.mu.Unlock()
	if u.child != nil {
		return u.child.sup.exited(u.child, l, err)
	}
	u.tell(Event{Kind: Exited, Err: err})
	u.finish(err)
	u.tell(Event{Kind: Ended, Err: err})
	return nil
}

// isOver reports whether an actor whose life has ended is to end for good: it was
// told to, or is drained.
func (u *unit) isOver() bool {
	u.mu.Lock()
	p := u.phase
	u.mu.Unlock()
	return p&final != 0 || p&draining != 0 && u.self.queued() == 0
}

// finish is the end: nothing runs, and nothing will. Only the first call counts.
// The caller holds no lock.
func (u *unit) finish(err error) {
	u.mu.Lock()
	if u.phase&ending != 0 {
		u.mu.Unlock()
		return
	}
	u.phase |= final | ending
	if err != nil {
		u.more().err = err
	}
	u.mu.Unlock()
	if left := u.self.abandon(stoppedBy(err)); left > 0 {
		u.mu.Lock()
		u.more().undelivered = left
		u.mu.Unlock()
		u.tell(Event{Kind: Undelivered, N: uint64(left), Err: err})
	}
	u.delist()
	if c := u.child; c != nil {
		c.sup.forget(c, err)
		if c.lost != nil {
			c.lost(err)
		}
	}
	u.endNested()
	u.mu.Lock()
	u.phase |= ended
	var hooks []*endHook
	if x := u.extra; x != nil {
		hooks, x.after = x.after, nil
		if x.done != nil {
			close(x.done)
		}
	}
	u.mu.Unlock()
	for _, h := range hooks {
		h.fn()
	}
}

// nest makes s end for good with the actor, before Done is closed.
func (u *unit) nest(s *Supervisor) {
	u.mu.Lock()
	u.more().nested = s
	late := u.phase&ending != 0
	u.mu.Unlock()
	if late {
		s.finish()
	}
}

func (u *unit) endNested() {
	u.mu.Lock()
	var s *Supervisor
	if u.extra != nil {
		s = u.extra.nested
	}
	u.mu.Unlock()
	if s != nil {
		s.finish()
	}
}

// whenDone has fn called when the actor has ended, at once if it has. stop takes
// it off.
func (u *unit) whenDone(fn func()) (stop func()) {
	h := &endHook{fn}
	u.mu.Lock()
	if u.phase&ended != 0 {
		u.mu.Unlock()
		fn()
		return func() {}
	}
	x := u.more()
	x.after = append(x.after, h)
	u.mu.Unlock()
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		for i, other := range x.after {
			if other == h {
				x.after = append(x.after[:i:i], x.after[i+1:]...)
				return
			}
		}
	}
}

// stopped is the error of a call on an actor that has ended or was told to.
func (u *unit) stopped() error { return stoppedBy(u.Err()) }

func stoppedBy(err error) error {
	if err == nil {
		return ErrClosed
	}
	return fmt.Errorf("%w: %w", ErrClosed, err)
}
