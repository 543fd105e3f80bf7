package actor

import (
	"context"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// Timer sends an actor messages: see Context.After. Its methods belong to the
// actor's handler.
type Timer struct {
	mu      sync.Mutex
	t       *time.Timer
	period  time.Duration // 0 for one message
	stopped bool
	owed    bool // a message of it is on its way
	turn    uint64
	send    func(*Timer)
	of      life
	forget  func(*Timer)
}

// After has the actor work on m, d from now, before what is in its mailbox then.
// The timer ends with this life of the actor.
func (c *Context[M]) After(d time.Duration, m M) *Timer { return c.timer(d, 0, m) }

// Every is After again and again, every d. A message that is due while the last one
// has not been worked on is left out.
func (c *Context[M]) Every(d time.Duration, m M) *Timer { return c.timer(d, max(d, 1), m) }

func (c *Context[M]) timer(d, period time.Duration, m M) *Timer {
	x := c.extra()
	t := c.newTimer(m)
	t.period = period
	if x.timers == nil {
		x.timers = map[*Timer]struct{}{}
	}
	x.timers[t] = struct{}{}
	t.forget = func(t *Timer) { delete(x.timers, t) }
	t.start(d)
	return t
}

func (c *Context[M]) newTimer(m M) *Timer {
	return &Timer{
		send:   func(t *Timer) { c.note(note[M]{m: m, of: t}) },
		of:     c,
		forget: func(*Timer) {},
	}
}

// start has the timer fire d from now.
func (t *Timer) start(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn++
	turn := t.turn
	if t.t != nil {
		t.t.Stop()
	}
	t.t = time.AfterFunc(d, func() {
		orFail(t.of, "actor: timer", func() { t.fire(turn) })
	})
}

func (t *Timer) fire(turn uint64) {
	if t.due(turn) {
		t.send(t)
	}
}

// due reports whether a message is to be sent.
func (t *Timer) due(turn uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	contain.Probe("actor: timer that is due")
	if t.stopped || t.turn != turn {
		return false
	}
	owed := t.owed
	t.owed = true
	if t.period > 0 {
		t.t.Reset(t.period)
	}
	return !owed
}

// fired reports whether a message of t, which has arrived, is to be worked on.
func (t *Timer) fired() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	due := t.owed && !t.stopped
	t.owed = false
	if t.period == 0 {
		t.forget(t)
	}
	return due
}

// pause stops t until it is started again.
func (t *Timer) pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn++
	t.owed = false
	if t.t != nil {
		t.t.Stop()
	}
}

// Stop ends the timer: its message is not worked on any more, also when it was due.
// It reports whether the timer was running.
func (t *Timer) Stop() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := !t.stopped && (t.owed || t.t != nil && t.t.Stop())
	t.stopped = true
	t.forget(t)
	return was
}

// Idle has the actor work on m whenever it has had nothing to do for d: when no
// message has come, by any way, since it finished the last one. A d of zero ends
// that. Another call takes the place of the first.
func (c *Context[M]) Idle(d time.Duration, m M) {
	x := c.extra()
	if x.idle != nil {
		x.idle.Stop()
		x.idle = nil
	}
	if d > 0 {
		x.idle, x.idleFor = c.newTimer(m), d
	}
}

// startIdle is called when there is nothing to do.
func (c *Context[M]) startIdle(x *lifeExtra[M]) { x.idle.start(x.idleFor) }

// Watch has the actor work on m when u has ended; u.Err says why. stop ends that, as
// does this life.
func (c *Context[M]) Watch(u Unit, m M) (stop func()) {
	x := c.extra()
	stop = u.base().whenDone(func() { c.note(note[M]{m: m}) })
	x.watches = append(x.watches, stop)
	return stop
}

// Async has work run on a goroutine of its own, and the actor work on what it
// returns. ctx ends with this life, which waits for work to return before it ends.
// It is not the handler's: an Ask with it begins no chain. When work panics, that is
// the end of the life.
func (c *Context[M]) Async(work func(ctx context.Context) M) {
	x := c.extra()
	ctx := asyncContext{c.standard()}
	x.running.Go(func() {
		returned := false
		defer func() {
			if v := recover(); v != nil {
				c.note(note[M]{fail: newPanicError(v)})
			} else if !returned {
				c.note(note[M]{fail: errGoexit})
			}
		}()
		m := work(ctx)
		returned = true
		c.note(note[M]{m: m})
	})
}

// asyncContext is a life's context without the actor as an asker.
type asyncContext struct{ *stdContext }

func (c asyncContext) Value(key any) any {
	if key == (callerKey{}) {
		return nil
	}
	return c.stdContext.Value(key)
}
