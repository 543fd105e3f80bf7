package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// listener is something that peers connect to, with an honest peer of it and a hostile one.
type listener struct {
	name string
	// open starts it all. serve is one service of the honest peer; attack is a portion of
	// what the hostile one does, as fast as it can, which ctx may end.
	open func(s *stage) (serve func(ctx context.Context) error, attack func(ctx context.Context))
}

// stage is what a listener is tested on: it closes when the test ends.
type stage struct {
	*testing.T
	ctx context.Context
	wg  sync.WaitGroup
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
	starved = time.Minute
	slack   = 5 * time.Second
)

// One hostile peer beside an honest one, on every listener: the honest one is served. Three
// kinds of rounds take turns, and their medians are compared: alone, with the hostile one
// at another listener of the same kind in this process, and with both at one. The hostile
// one costs the processors as much in the second as in the third: what is more there is
// what it takes from the honest one by being at its side. At full size that is twice
// the time at most; the reduced size is for starvation only.
func TestHonestBesideHostile(t *testing.T) {
	for _, l := range slices.Concat(socketListeners(), nodeListeners()) {
		t.Run(l.name, func(t *testing.T) {
			s := newStage(t)
			serve, attack := l.open(s)
			_, elsewhere := l.open(s)
			timed := func() time.Duration {
				t.Helper()
				ctx, cancel := context.WithTimeout(s.ctx, starved)
				defer cancel()
				began := time.Now()
				if err := serve(ctx); err != nil {
					t.Fatalf("the honest peer is not served: %v", err)
				}
				return time.Since(began)
			}
			timed() // what is made once
			var alone, apart, beside []time.Duration
			for range ztest.Size(2, 9) {
				alone = append(alone, timed())
				stop := s.attacked(elsewhere)
				apart = append(apart, timed())
				stop()
				stop = s.attacked(attack)
				beside = append(beside, timed())
				stop()
			}
			quiet, same, both := median(alone), median(apart), median(beside)
			t.Logf("alone %v, the hostile one elsewhere %v, beside it %v: %.2f", quiet, same, both, float64(both)/float64(same))
			if limit := 10*same + slack; ztest.Full() && both > 2*same || both > limit {
				t.Errorf("it takes %v, and with the hostile one elsewhere %v", both, same)
			}
		})
	}
}

// attacked lets the hostile peer work until stop, and returns when it has begun.
func (s *stage) attacked(attack func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	begun, done := make(chan struct{}), make(chan struct{})
	s.wg.Go(func() {
		defer close(done)
		for first := true; ctx.Err() == nil; first = false {
			attack(ctx)
			if first {
				close(begun)
			}
		}
		if ctx.Err() != nil {
			select {
			case <-begun:
			default:
				close(begun)
			}
		}
	})
	select {
	case <-begun:
	case <-time.After(100 * time.Millisecond): // it is held up already
	}
	return func() { cancel(); <-done }
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
	c.n++
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
}

// wait waits for so many more than before.
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
