package node

import (
	"testing"
	"time"
)

// Never more than so many within a second, and no fewer than half of that for ever.
func TestBudget(t *testing.T) {
	b := newBudget(10)
	now := time.Unix(0, 0)
	var taken []time.Time
	for l := Link(1); len(taken) < 100; {
		if free := b.free(now); free.After(now) {
			now = free
			continue
		}
		b.take(l)
		l++
		taken = append(taken, now)
	}
	for i := 10; i < len(taken); i++ {
		if d := taken[i].Sub(taken[i-10]); d < time.Second {
			t.Fatalf("11 within %v", d)
		}
	}
	if d := taken[99].Sub(taken[0]); d > 21*time.Second {
		t.Errorf("100 took %v", d)
	}
}

// A place that was given back can be taken at once, but is given back only once.
func TestRefund(t *testing.T) {
	b := newBudget(10)
	now := time.Unix(0, 0)
	for l := Link(1); l < 1000; l++ {
		if b.free(now).After(now) {
			t.Fatalf("not free for %d", l)
		}
		b.take(l)
		b.refund(l)
		b.refund(l)
		b.refund(l - 1)
	}
	n := 0
	for l := Link(1000); !b.free(now).After(now); l++ {
		b.take(l)
		b.forfeit(l)
		b.refund(l)
		n++
	}
	if n != 4 {
		t.Errorf("%d places, want 4", n)
	}
	if len(b.open) != 0 {
		t.Errorf("%d are remembered", len(b.open))
	}
}
