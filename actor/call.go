package actor

import (
	"context"
	"sync"
	"sync/atomic"
)

// call is an Ask under way: a slot for one outcome. Who closes it decides what
// that is.
type call struct {
	state atomic.Uint32
	c     chan struct{}   // room for one token: the outcome is there
	ctx   context.Context // the asker's; nil when nobody asked

	passes  atomic.Uint32              // how often it was sent on
	holder  atomic.Pointer[unit]       // who has it: in the mailbox, in hand or put aside; nil when nobody knows
	derived atomic.Pointer[askContext] // made by context
	list    atomic.Pointer[openList]   // of the life that is to answer later
	next    *call                      // in it, guarded by its lock
	prev    *call
	fails   failer // what contains it
}

// failer is a call with its slot for an answer.
type failer interface {
	base() *call
	// fail closes the call with err; state says how.
	fail(state uint32, err error) bool
}

// The states of a call.
const (
	fresh    uint32 = iota // nobody has asked
	open                   // an outcome is awaited
	closing                // it is being written
	answered               // it has one
	left                   // the asker waits no longer
	cutOff                 // the life that had it has ended
)

// close gives c an outcome, which write writes down, unless it has one.
func (c *call) close(state uint32, write func()) bool {
	if !c.state.CompareAndSwap(open, closing) {
		return false
	}
	write()
	c.closed(state)
	return true
}

// closed is the second half of close.
func (c *call) closed(state uint32) {
	c.state.Store(state)
	c.release()
	c.c <- struct{}{}
}

// abandon closes c for an asker who waits no longer, and reports whether there was
// no outcome yet. If there was, it takes the token.
func (c *call) abandon() bool {
	if c.state.CompareAndSwap(open, left) {
		c.release()
		return true
	}
	<-c.c
	return false
}

// release gives back what was tied to c.
func (c *call) release() {
	if l := c.list.Load(); l != nil {
		l.remove(c)
	}
	if d := c.derived.Load(); d != nil {
		d.cancel(context.Canceled)
	}
}

// isOpen reports whether an outcome is awaited.
func (c *call) isOpen() bool { return c.state.Load() == open }

// live reports whether it is worth working on c: the answer is waited for, or
// nobody has asked and it is a plain message.
func (c *call) live() bool {
	switch c.state.Load() {
	case fresh:
		return true
	case open:
		return c.ctx == nil || c.ctx.Err() == nil
	}
	return false
}

// refusal is the error of an answer that came to nothing. That the asker has gone
// is no error.
func (c *call) refusal() error {
	switch c.state.Load() {
	case closing, answered:
		return ErrReplied
	case cutOff:
		return ErrClosed
	}
	return nil
}

// pass enters that u has c now.
func (c *call) pass(u *unit) {
	if l := c.list.Load(); l != nil {
		l.remove(c)
	}
	c.passes.Add(1)
	c.holder.Store(u)
}

// openList holds the calls that a life has taken and not answered. When it ends,
// so do they.
type openList struct {
	mu    sync.Mutex
	first *call
	n     int
	why   error // set when the life has ended
}

// add enters c, which is to be answered later.
func (l *openList) add(c *call) {
	l.mu.Lock()
	if why := l.why; why != nil {
		l.mu.Unlock()
		c.fails.fail(cutOff, why)
		return
	}
	if c.list.CompareAndSwap(nil, l) {
		if c.next = l.first; c.next != nil {
			c.next.prev = c
		}
		l.first = c
		l.n++
	}
	l.mu.Unlock()
	if !c.isOpen() {
		l.remove(c) // it was closed meanwhile, by a goroutine that did not see l
	}
}

func (l *openList) remove(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.list.CompareAndSwap(l, nil) {
		return
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		l.first = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.next, c.prev = nil, nil
	l.n--
}

func (l *openList) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

// end fails all that is in l, and all that comes.
func (l *openList) end(why error) {
	l.mu.Lock()
	if l.why == nil {
		l.why = why
	}
	for l.first != nil {
		c := l.first
		l.mu.Unlock()
		c.fails.fail(cutOff, why) // which removes it
		l.remove(c)
		l.mu.Lock()
	}
	l.mu.Unlock()
}

// askContext is the context of a question: it has the asker's values and ends when
// the asker's does, or when the question is answered or cut off.
type askContext struct {
	context.Context
	cancel context.CancelCauseFunc
	call   *call
}

// Value is the asker's, but for the actor that the question is with: who asks with
// this context is that one.
func (c *askContext) Value(key any) any {
	if key == (callerKey{}) {
		return c.call.holder.Load()
	}
	return c.Context.Value(key)
}

// context returns the context to answer c with.
func (c *call) context() context.Context {
	if d := c.derived.Load(); d != nil {
		return d
	}
	parent := c.ctx
	if parent == nil {
		parent = context.Background()
	}
	d := &askContext{call: c}
	d.Context, d.cancel = context.WithCancelCause(parent)
	if !c.derived.CompareAndSwap(nil, d) {
		d.cancel(context.Canceled)
		return c.derived.Load()
	}
	if s := c.state.Load(); s != open && s != fresh {
		d.cancel(context.Canceled)
	}
	return d
}
