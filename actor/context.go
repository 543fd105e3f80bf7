package actor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Context is what a handler has of its actor: one life of it. It is a
// context.Context that ends when the actor is told to end, and with it every call
// that waits with it. An Ask with it is the handler's: a circle of them is
// ErrCycle. When the life has ended it is of no use.
//
// Its methods beyond those of context.Context belong to the handler: they are
// called on the actor's goroutine, but for Self, Name and Stop.
type Context[M any] struct {
	parent context.Context
	links  *links // guarded by r.mu; nil when there are none, see linked
	std    atomic.Pointer[stdContext]

	// What the goroutine that works needs for each message comes last: see Ref.
	ask   *call // of hand, when it is a question
	more  atomic.Pointer[lifeExtra[M]]
	r     *Ref[M]
	h     Handler[M]
	flags atomic.Uint32
	held  uint32 // 0 when no message is in hand; else 1 and how often ask had been sent on when it came
	hand  M
}

// links are what ties a life to others. Few lives have any once they are ready.
type links struct {
	begun  begun       // is over when the life is ready or has ended
	why    error       // why it was told to end
	unlink func() bool // ends the watch of the parent
	late   *time.Timer // ends the life when it is not ready in time
}

// begun is what New waits for: the channel when ctx may end that, else group, which
// costs a start far less. Neither is used when nobody waits.
type begun struct {
	waits bool
	c     chan struct{}
	group sync.WaitGroup
}

// expect has New wait for the life, which does not run yet.
func (c *Context[M]) expect(mayLeave bool) *begun {
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	b := &c.linked().begun
	b.waits = true
	if mayLeave {
		b.c = make(chan struct{})
	} else {
		b.group.Add(1)
	}
	return b
}

// end ends the waiting.
func (b *begun) end() {
	switch {
	case !b.waits:
		return
	case b.c != nil:
		close(b.c)
	default:
		b.group.Done()
	}
	b.waits = false
}

// wait waits, but no longer than told, if that is not nil.
func (b *begun) wait(told <-chan struct{}) {
	if told == nil {
		b.group.Wait()
		return
	}
	select {
	case <-b.c:
	case <-told:
	}
}

// linked returns the links; the caller holds r.mu, or has the life to itself.
func (c *Context[M]) linked() *links {
	if c.links == nil {
		c.links = new(links)
	}
	return c.links
}

// The flags of a life.
const (
	isReady uint32 = 1 << iota
	isTold         // it was told to end
	isNoted        // there are notes: see note
	isPast         // it has ended
)

// stdContext is the standard context behind a life's, made when it is first
// needed: most lives never wait.
type stdContext struct {
	context.Context
	cancel context.CancelCauseFunc
}

// lifeExtra is the rare part of a life.
type lifeExtra[M any] struct {
	open    openList     // questions to be answered later
	stashed atomic.Int32 // len(stash)
	stash   []M          // put aside by the handler
	watches []func()     // end them
	timers  map[*Timer]struct{}
	idle    *Timer // of Idle
	idleFor time.Duration
	running sync.WaitGroup // Asyncs

	mu    sync.Mutex
	notes []note[M] // guarded by mu
	kids  *children // guarded by mu: made by Children
}

// note is what reaches the actor past its mailbox: a message of a timer, a watch
// or an Async, or the failure of an Async.
type note[M any] struct {
	m    M
	of   *Timer // not delivered when that was stopped
	fail error
}

// extra returns the rare part.
func (c *Context[M]) extra() *lifeExtra[M] {
	if x := c.more.Load(); x != nil {
		return x
	}
	x := new(lifeExtra[M])
	if c.more.CompareAndSwap(nil, x) {
		return x
	}
	return c.more.Load()
}

// Self is the actor.
func (c *Context[M]) Self() *Ref[M] { return c.r }

// Name is the actor's name.
func (c *Context[M]) Name() string { return c.r.Name() }

// Deadline implements context.Context.
func (c *Context[M]) Deadline() (time.Time, bool) { return c.parent.Deadline() }

// Done implements context.Context.
func (c *Context[M]) Done() <-chan struct{} { return c.standard().Done() }

// Err implements context.Context.
func (c *Context[M]) Err() error {
	if s := c.std.Load(); s != nil {
		return s.Err()
	}
	if c.flags.Load()&(isTold|isPast) != 0 {
		return context.Canceled
	}
	return c.parent.Err()
}

// Value implements context.Context.
func (c *Context[M]) Value(key any) any {
	if key == (callerKey{}) {
		return &c.r.unit
	}
	if s := c.std.Load(); s != nil {
		return s.Value(key)
	}
	return c.parent.Value(key)
}

// standard returns the standard context, which contexts made of c link to.
func (c *Context[M]) standard() *stdContext {
	if s := c.std.Load(); s != nil {
		return s
	}
	s := new(stdContext)
	s.Context, s.cancel = context.WithCancelCause(c.parent)
	c.r.mu.Lock()
	if !c.std.CompareAndSwap(nil, s) {
		c.r.mu.Unlock()
		s.cancel(nil)
		return c.std.Load()
	}
	var why error
	if c.links != nil {
		why = c.links.why
	}
	c.r.mu.Unlock()
	if why != nil {
		s.cancel(why)
	}
	return s
}

// end tells this life to end.
func (c *Context[M]) end(cause error) {
	c.tell(cause)
	if r := c.r; c.more.Load() == nil && r.queue().Unpark(&r.me) {
		r.resume() // it rests, and has nothing that one would have to wait for
	} else {
		r.queue().Nudge(&r.me)
	}
}

func (c *Context[M]) tell(cause error) {
	c.r.mu.Lock()
	l := c.linked()
	if l.why == nil {
		l.why = cause
	}
	why, s := l.why, c.std.Load()
	c.r.mu.Unlock()
	c.flags.Or(isTold)
	if s != nil {
		s.cancel(why)
	}
}

// cause is why the life was told to end; nil when it was not.
func (c *Context[M]) cause() error {
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	if c.links == nil || c.links.why == nil {
		return context.Cause(c.parent) // which is about to tell
	}
	return c.links.why
}

// begins ends the waiting for the actor to be ready.
func (c *Context[M]) begins() {
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	l := c.links
	if l == nil {
		return
	}
	l.begun.end()
	if l.late != nil {
		l.late.Stop()
		l.late = nil
	}
	if l.unlink == nil && l.why == nil {
		c.links = nil
	}
}

// tooLate is called when the ready timeout has passed.
func (c *Context[M]) tooLate() {
	if c.flags.Load()&(isReady|isPast) == 0 {
		c.r.unit.tell(Event{Kind: NotReady})
		c.end(errLate)
	}
}

// Become has h work on the messages that follow.
func (c *Context[M]) Become(h Handler[M]) { c.h = h }

// Stash puts the message in hand aside, until Unstash. As many are kept as the
// mailbox has room for; then Stash returns ErrMailboxFull, and the message is still
// in hand. What is put aside survives a restart: it comes first in the next life.
func (c *Context[M]) Stash() error {
	if c.held == 0 {
		return fmt.Errorf("actor: stash: no message is in hand")
	}
	x := c.extra()
	if len(x.stash) >= c.r.room() {
		return ErrMailboxFull
	}
	x.stash = append(x.stash, c.hand)
	x.stashed.Store(int32(len(x.stash)))
	c.release()
	return nil
}

// Unstash has what was put aside come next, in the order in which it was received.
func (c *Context[M]) Unstash() {
	x := c.more.Load()
	if x == nil || len(x.stash) == 0 {
		return
	}
	c.r.setFront(append(x.stash, c.r.takeFront()...))
	x.stash = nil
	x.stashed.Store(0)
}

// Stop ends the actor for good, as Close does, when the handler has returned; Close
// can't be called by the actor, which it would wait for. Stop does not wait. The message
// in hand is worked on to its end, with a context that has ended. What is in the mailbox
// or stashed is not delivered: it is counted in Stats, its askers get ErrClosed, and
// senders do from now on. Whatever its Restart, the actor is not started again; its Err
// is nil, unless the handler fails yet.
func (c *Context[M]) Stop() { c.r.halt() }

// Children returns the supervisor of the actors that belong to this life. They are
// independent (OneForOne), are stopped when the life ends, and the life has not
// ended before they have: the next may use their names again. When the supervisor
// gives up, that ends the life, with its error.
func (c *Context[M]) Children() *Supervisor {
	x := c.extra()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.kids == nil {
		x.kids = newChildren(c.flags.Load()&isPast != 0, c.end)
	}
	return x.kids.sup
}

// room is how many messages the mailbox holds.
func (r *Ref[M]) room() int {
	if r.mailbox > 0 {
		return r.mailbox
	}
	return defaultMailbox
}

const defaultMailbox = 2000
