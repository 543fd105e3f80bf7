package zloop

import (
	"fmt"
	"time"
)

// Timer calls its handler at set times. Its methods may be called from any
// goroutine, and from the handler itself.
type Timer struct {
	loop    *Loop
	fn      func() error
	catchUp bool
	times   int // how often it fires; see endless and never

	// Guarded by loop.mu.
	when   time.Time
	period time.Duration
	left   int // how often it still fires
	state  state
	index  int    // in the heap, while queued
	seq    uint64 // orders timers with equal times by the moment they were queued
}

const (
	endless = 0
	never   = -1
)

// TimerOption changes how a repeated timer behaves.
type TimerOption func(*Timer) error

// WithCatchUp says whether a timer that is late calls its handler for every tick it has
// missed, one in each pass, until it is in phase again. Without it, missed ticks
// are skipped, and the next is the first of the original rhythm to come.
func WithCatchUp(on bool) TimerOption {
	return func(t *Timer) error { t.catchUp = on; return nil }
}

// After calls fn once, d from now.
func (l *Loop) After(d time.Duration, fn func() error) *Timer { return l.Times(d, 1, fn) }

// Every calls fn again and again, every d, and first d from now. With a d of
// zero or less it does so in every pass, and the loop never sleeps.
func (l *Loop) Every(d time.Duration, fn func() error, opts ...TimerOption) *Timer {
	return l.addTimer(d, endless, fn, opts)
}

// Times is Every that ends after n calls. With an n below one, fn is never called.
func (l *Loop) Times(d time.Duration, n int, fn func() error, opts ...TimerOption) *Timer {
	if n < 1 {
		n = never
	}
	return l.addTimer(d, n, fn, opts)
}

func (l *Loop) addTimer(d time.Duration, times int, fn func() error, opts []TimerOption) *Timer {
	if fn == nil {
		l.refuse(fmt.Errorf("%w: a timer", ErrHandler))
		times = never
	}
	t := &Timer{loop: l, fn: fn, times: times}
	for _, o := range opts {
		if err := o(t); err != nil {
			l.refuse(err)
		}
	}
	t.Reset(d)
	return t
}

// Stop ends the timer: once Stop has returned on the loop's goroutine, the
// handler is not called any more, not even if it was due in the same pass. On
// another goroutine, a call that has begun may still be running. Stop reports
// whether the timer would have fired again.
func (t *Timer) Stop() bool {
	t.loop.mu.Lock()
	defer t.loop.mu.Unlock()
	active := t.state != idle
	t.unqueue()
	return active
}

// Reset starts the timer anew, as if it were made now with d: also one that is
// stopped or has fired for the last time, and inside its own handler.
func (t *Timer) Reset(d time.Duration) {
	if t.times == never {
		return
	}
	l := t.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	t.unqueue()
	t.period, t.left, t.when = d, t.times, time.Now().Add(d)
	t.enqueue()
	if l.timers[0] == t {
		l.rescan() // a sleep may be too long now
	}
}

func (t *Timer) enqueue() {
	t.loop.seq++
	t.seq = t.loop.seq
	t.loop.timers.push(t)
}

// unqueue takes t out of the heap, and out of the due list by changing its state.
func (t *Timer) unqueue() {
	if t.state == queued {
		t.loop.timers.remove(t)
	}
	t.state = idle
}

func (t *Timer) fire(now time.Time) func() error {
	if t.state != isDue {
		return nil
	}
	t.state = idle
	if t.left--; t.left != 0 {
		t.when = t.next(now)
		t.enqueue()
	}
	return t.fn
}

// next is the tick after t.when: the first one to come, unless it catches up.
func (t *Timer) next(now time.Time) time.Time {
	if t.period <= 0 {
		return now
	}
	next := t.when.Add(t.period)
	if late := now.Sub(next); late >= 0 && !t.catchUp {
		next = next.Add(late - late%t.period + t.period)
	}
	return next
}

func (t *Timer) putBack() {
	if t.state == isDue {
		t.loop.timers.push(t)
	}
}
