// Package alarm wakes a state machine when it has asked to be woken. A state machine
// has no clock: it says when time matters to it again, and is then told the time.
package alarm

import (
	"context"
	"sync"
	"time"
)

// shortest is how long it stays quiet after it has rung, whatever it is set to: a
// state machine that asks for the past must not take a whole processor.
const shortest = time.Millisecond

// A Clock rings at the earliest time that it was set to. Make one with New.
type Clock struct {
	poke chan struct{} // holds a token when next is sooner than it was

	mu   sync.Mutex
	next time.Time // guarded by mu; zero for never
}

// New makes a Clock that is not set.
func New() *Clock { return &Clock{poke: make(chan struct{}, 1)} }

// Set has the clock ring at a time, or before, if it was set to that. The zero time
// asks for nothing.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.IsZero() || !c.next.IsZero() && !at.Before(c.next) {
		return
	}
	c.next = at
	select {
	case c.poke <- struct{}{}:
	default:
	}
}

// Run calls ring whenever it is time, until ctx ends. ring says with Set when it is
// to be called again.
func (c *Clock) Run(ctx context.Context, ring func(now time.Time)) {
	t := time.NewTimer(0)
	defer t.Stop()
	var quiet time.Time // until then it does not ring
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.poke:
		case <-t.C:
		}
		now := time.Now()
		if wait, set := c.wait(now, quiet); !set {
			t.Stop()
		} else if wait > 0 {
			t.Reset(wait)
		} else {
			quiet = now.Add(shortest)
			c.clear()
			ring(now)
			t.Reset(shortest) // and look what ring has set
		}
	}
}

// wait says how long it is until it is time.
func (c *Clock) wait(now, quiet time.Time) (wait time.Duration, set bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(c.next.Sub(now), quiet.Sub(now)), !c.next.IsZero()
}

func (c *Clock) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = time.Time{}
}
