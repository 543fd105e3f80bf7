package zloop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Loop is a reactor: it calls handlers, one at a time, on the goroutine that is
// in Run. Make it with New. Its methods may be called from any goroutine, and
// from handlers.
type Loop struct {
	wake      chan struct{} // one slot: look at every source again
	onEnd     func(*Handle, error) error
	postLimit int
	listed    *subject // of a loop with a name; nil for others

	mu      sync.Mutex // guards what follows; not held while a handler runs
	running bool
	closed  bool
	refused error     // of a registration that can't work: Run returns it
	chans   int       // handles of channels
	handles []*Handle // those not stopped, in order of registration
	posts   []func() error
	timers  timerHeap
	seq     uint64 // of the timer that was queued last
	tickets map[time.Duration]*ticketList
	lists   ticketHeap // those of tickets, by their first ticket

	// The rest belongs to the goroutine in Run.
	active []*Handle   // those that had something last time, and all channels
	look   bool        // a token was taken from wake
	due    []deadline  // collected by this pass, called in this order
	clock  *time.Timer // for sleep; made by each Run, so that it is of Run's bubble
}

// Option changes how a Loop behaves.
type Option struct{ apply func(*Loop) error }

// WithOnEnd has fn called, as a handler of the loop, when a handle without an
// OnEnd of its own ends because its source did: a socket or actor that was closed, a channel that was closed, a
// connection at its end. err says why. What fn returns is treated like any
// handler's error; without this option the loop goes on without the source.
func WithOnEnd(fn func(h *Handle, err error) error) Option {
	return Option{func(l *Loop) error {
		if fn == nil {
			return fmt.Errorf("%w: WithOnEnd: no function", ErrOption)
		}
		l.onEnd = fn
		return nil
	}}
}

// WithPostLimit sets how many posted functions may wait; the default is 10000.
func WithPostLimit(n int) Option {
	return Option{func(l *Loop) error {
		if n < 1 {
			return fmt.Errorf("%w: WithPostLimit: %d: must be at least 1", ErrOption, n)
		}
		l.postLimit = n
		return nil
	}}
}

// New makes a loop with nothing in it.
func New(opts ...Option) (*Loop, error) {
	l := &Loop{
		wake:      make(chan struct{}, 1),
		onEnd:     func(*Handle, error) error { return nil },
		postLimit: 10000,
		tickets:   make(map[time.Duration]*ticketList),
	}
	for _, o := range opts {
		if err := o.apply(l); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Run calls handlers until one returns an error or ctx ends. It returns nil for
// ErrStop, another handler's error as it is, and ctx's error for ctx.
//
// What is registered stays registered: the loop may be run again, and goes on
// with what is due by then. After Close it returns ErrClosed, and at once an error
// that matches ErrHandler or ErrTooMany when something was registered that can't
// work.
func (l *Loop) Run(ctx context.Context) error {
	if err := l.begin(); err != nil {
		return err
	}
	defer l.end()
	l.listed.begins()
	defer l.listed.ends()
	for {
		l.listed.works()
		busy, err := l.pass(ctx)
		if err == nil && !busy {
			l.listed.rests()
			err = l.sleep(ctx)
		}
		if errors.Is(err, ErrStop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (l *Loop) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return ErrClosed
	case l.running:
		return ErrRunning
	}
	l.running, l.look = true, true
	for _, h := range l.handles {
		h.src.start()
	}
	return nil
}

// end also runs when a handler panics: the goroutines of connections are joined,
// and what was due and not called is due again.
func (l *Loop) end() {
	l.mu.Lock()
	for _, d := range l.due {
		d.putBack()
	}
	handles := slices.Clone(l.handles)
	l.mu.Unlock()
	for _, h := range handles {
		h.src.halt(false)
	}
	if l.clock != nil {
		l.clock.Stop()
	}
	l.due, l.active, l.clock = nil, nil, nil
	l.mu.Lock()
	l.running = false
	over := l.closed
	l.mu.Unlock()
	if over {
		l.dismantle()
	}
}

// Close ends the loop for good: every handle is stopped, and no timer, ticket or
// posted function is called any more. What was registered stays open. A Run that
// works ends with nil as soon as its handler returns, and then does this; Close
// does not wait for it, so that handlers may call it. It may be called again.
func (l *Loop) Close() error {
	l.mu.Lock()
	over := !l.closed && !l.running
	l.closed = true
	l.rescan()
	l.mu.Unlock()
	if over {
		l.dismantle()
	}
	return nil
}

// dismantle lets go of all that is registered. The loop is closed and does not run.
func (l *Loop) dismantle() {
	l.mu.Lock()
	handles := slices.Clone(l.handles)
	for _, t := range l.timers {
		t.state = idle
	}
	for _, tl := range l.tickets {
		for e := tl.Front(); e != nil; e = e.Next() {
			e.Value.(*Ticket).state = idle
		}
	}
	l.timers, l.posts, l.lists = nil, nil, nil
	clear(l.tickets)
	l.mu.Unlock()
	for _, h := range handles {
		h.remove(ErrClosed)
	}
}

// refuse enters that something can't work, which ends Run.
func (l *Loop) refuse(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuseLocked(why)
}

func (l *Loop) refuseLocked(why error) {
	if l.refused == nil {
		l.refused = why
	}
	l.rescan()
}

// mayGoOn returns why Run ends, other than for a handler or its context.
func (l *Loop) mayGoOn() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrStop
	}
	return l.refused
}

// pass gives everybody one turn, in the order that the package promises. busy
// says that some source had something, so that it is worth looking again.
func (l *Loop) pass(ctx context.Context) (busy bool, err error) {
	if err := l.mayGoOn(); err != nil {
		return false, err
	}
	if err := l.runDue(ctx); err != nil {
		return false, err
	}
	if err := l.runPosts(ctx); err != nil {
		return false, err
	}
	return l.runHandles(ctx)
}

// runDue calls what is due now: first timers and then tickets, each kind in the
// order of their times. What becomes due meanwhile waits for the next pass.
func (l *Loop) runDue(ctx context.Context) error {
	l.mu.Lock()
	now := l.collectDue()
	l.mu.Unlock()
	for _, d := range l.due {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.mu.Lock()
		fn := d.fire(now)
		l.mu.Unlock()
		if fn == nil {
			continue // stopped or reset by a handler of this pass
		}
		if err := fn(); err != nil {
			return err
		}
	}
	clear(l.due)
	l.due = l.due[:0]
	return nil
}

// collectDue moves what is due from its queue to the due list, and returns the
// time it went by. It is called with mu held.
func (l *Loop) collectDue() (now time.Time) {
	if len(l.timers) == 0 && len(l.tickets) == 0 {
		return now
	}
	now = time.Now()
	l.due = l.timers.due(l.due, now)
	l.due = l.dueTickets(l.due, now)
	return now
}

// runHandles gives each active source one turn, and forgets those that had
// nothing until the next wake.
func (l *Loop) runHandles(ctx context.Context) (busy bool, err error) {
	l.lookAgain()
	turn, kept := l.active, l.active[:0]
	for i, h := range turn {
		if err = ctx.Err(); err != nil {
			break
		}
		ran, keep, e := h.turn()
		busy = busy || ran
		if keep {
			kept = append(kept, turn[i])
		}
		if err = e; err != nil {
			break
		}
	}
	clear(turn[len(kept):])
	l.active = kept // after an error Run returns, and the next Run looks again
	return busy, err
}

// lookAgain makes every source active if one of them has asked for it.
func (l *Loop) lookAgain() {
	select {
	case <-l.wake:
		l.look = true
	default:
	}
	if !l.look {
		return
	}
	l.look = false
	l.mu.Lock()
	l.active = append(l.active[:0], l.handles...)
	l.mu.Unlock()
}

// rescan has the next pass look at every source, and ends a sleep.
func (l *Loop) rescan() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
