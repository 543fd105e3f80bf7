package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// listener is something that peers connect to, with an honest peer of it and a hostile one.
// Each of the three may be in a process of its own: they know of each other where the
// listener is, and no more.
type listener struct {
	name    string
	full    bool // at full size only
	local   bool // all three must be in one process
	serve   func(s *stage) place
	honest  func(s *stage, at string, tell teller) service
	hostile func(s *stage, at string) attack
}

type (
	// place is where a listener is, and what the honest peer may have its program do (by a
	// teller): "wait" until n things have arrived, or "send" n.
	place struct {
		at   string
		does func(ctx context.Context, what string, n int) error
	}
	teller  func(ctx context.Context, what string, n int) error
	service func(ctx context.Context) error // one service of the honest peer
	timing  func(ctx context.Context) (time.Duration, error)
	attack  func(ctx context.Context) // a portion of what the hostile one does, as fast as it can; ctx may end it
)

// stage is what a part of the play has: it closes when the test ends.
type stage struct {
	*testing.T
	ctx     context.Context
	wg      sync.WaitGroup
	carrier string
}

func newStage(t *testing.T) *stage {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stage{T: t, ctx: ctx}
	t.Cleanup(func() { cancel(); s.wg.Wait() })
	return s
}

func (s *stage) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// starved is how long an honest service may take at all, and slack what is granted to a
// busy machine beside the ratio.
const (
	starved = ztest.Patience
	slack   = 5 * time.Second
)

func listeners() []listener {
	return slices.Concat(socketListeners(), nodeListeners(), discoveryListeners(), multicastListeners())
}

// One hostile peer beside an honest one, on every listener: the honest one is served within
// twice the time.
//
// Rounds of three kinds take turns, so that whatever else the machine does falls on all of
// them, and their medians are compared: the honest peer alone; with the hostile one at
// another listener of the same kind; and with both at one. On two processors the hostile
// peer's own work, and what any listener must do to hear it, take processor time from the
// honest one wherever they are done, and they are the same in the second kind as in the
// third. So the third over the second is what the hostile one takes of the honest one's
// share by being at its side, and that is bounded by two.
//
// At full size (ZACTOR_FULL=1) each part is a process: both listeners, the honest peer, and
// a hostile one for each listener. The hostile ones have one processor (taskset, where there
// is one, to the last) and one thread of Go, as one peer of another machine would at most
// have a core's worth of a network; the honest one has one thread of Go as well, and the
// listeners have all processors. The reduced size has all parts in this process and shows
// that nobody starves, not how large the shares are.
func TestHonestBesideHostile(t *testing.T) {
	var table []string
	for _, l := range listeners() {
		t.Run(l.name, func(t *testing.T) {
			if l.full && !ztest.Full() {
				t.Skip("at full size only: where all parts are one process, its flood starves it")
			}
			s := newStage(t)
			open := s.here
			if ztest.Full() && !l.local {
				open = s.apart
			}
			serve, beside, elsewhere := open(l)
			row := fmt.Sprintf("%-38s %s", l.name, compare(t, serve, beside, elsewhere))
			t.Log(row)
			table = append(table, row)
		})
	}
	t.Logf("%-38s %10s %10s %10s %8s %8s\n%s", "", "alone", "elsewhere", "beside", "share", "in all", strings.Join(table, "\n"))
}

// attacker is a hostile peer: it works from the call until stop.
type attacker func() (stop func())

// compare has the rounds take turns, and returns their figures.
func compare(t *testing.T, serve timing, beside, elsewhere attacker) string {
	timed := func(round string) time.Duration {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), starved)
		defer cancel()
		took, err := serve(ctx)
		if err != nil {
			t.Fatalf("the honest peer is not served, %s: %v", round, err)
		}
		return took
	}
	timed("at first") // what is made once
	var alone, apart, both []time.Duration
	calm := timed("alone")
	// What the hostile one has sent before it was stopped may keep its listener, and so the
	// processors, for long; it is no part of the round that follows.
	drained := func() {
		for range ztest.Size(0, 100) {
			if timed("after the hostile one") <= 2*calm {
				return
			}
		}
	}
	under := func(round string, a attacker) time.Duration {
		t.Helper()
		drained()
		defer a()()
		return timed(round)
	}
	for range ztest.Size(1, 9) {
		drained()
		alone = append(alone, timed("alone"))
		apart = append(apart, under("with the hostile one elsewhere", elsewhere))
		both = append(both, under("with the hostile one beside it", beside))
	}
	a, e, b := median(alone), median(apart), median(both)
	if limit := 10*e + slack; ztest.Full() && b > 2*e || b > limit {
		t.Errorf("it takes %v, and with the hostile one elsewhere %v", b, e)
	}
	return fmt.Sprintf("%10v %10v %10v %8.2f %8.2f", a.Round(10*time.Microsecond), e.Round(10*time.Microsecond), b.Round(10*time.Microsecond),
		float64(b)/float64(e), float64(b)/float64(a))
}

// here has all parts in this process.
func (s *stage) here(l listener) (timing, attacker, attacker) {
	at, other := l.serve(s), l.serve(s)
	return timed(l.honest(s, at.at, at.does)), s.attacker(l.hostile(s, at.at)), s.attacker(l.hostile(s, other.at))
}

func timed(serve service) timing {
	return func(ctx context.Context) (time.Duration, error) {
		began := time.Now()
		err := serve(ctx)
		return time.Since(began), err
	}
}

// attacker lets the hostile peer work until stop, and returns when it has begun.
func (s *stage) attacker(attack attack) attacker {
	return func() (stop func()) {
		ctx, cancel := context.WithCancel(s.ctx)
		begun, done := make(chan struct{}), make(chan struct{})
		s.wg.Go(func() {
			defer close(done)
			began := sync.OnceFunc(func() { close(begun) })
			defer began()
			for ctx.Err() == nil {
				attack(ctx)
				began()
			}
		})
		select {
		case <-begun:
		case <-time.After(100 * time.Millisecond): // it is held up already
		}
		return func() { cancel(); <-done }
	}
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}

// tally counts what the honest peer has sent that has arrived.
type tally struct {
	mu      sync.Mutex
	n       int
	changed chan struct{}
}

func newTally() *tally { return &tally{changed: make(chan struct{})} }

func (c *tally) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(c.n + 1)
}

// reach says that so many have arrived, at least.
func (c *tally) reach(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > c.n {
		c.set(n)
	}
}

func (c *tally) set(n int) {
	c.n = n
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait waits until so many have arrived.
func (c *tally) wait(ctx context.Context, total int) error {
	for {
		c.mu.Lock()
		n, changed := c.n, c.changed
		c.mu.Unlock()
		if n >= total {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d have arrived: %w", n, total, ctx.Err())
		}
	}
}
