package session

import (
	"testing"
	"time"
)

// delays are the distances of the first attempts, on a clock that goes on by them.
func delays(b *backoff, n int, hopeless bool) (list []time.Duration) {
	now := time.Unix(0, 0)
	for range n {
		d := b.next(now, hopeless)
		now = now.Add(d)
		list = append(list, d)
	}
	return list
}

func within(t *testing.T, what string, d, middle time.Duration) {
	t.Helper()
	if d < middle/2 || d >= middle+middle/2 {
		t.Errorf("%s: %v is not %v give or take half of it", what, d, middle)
	}
}

// Without a maximum: evenly for ten seconds, then ever more rarely, to fifty times.
func TestBackoffPatience(t *testing.T) {
	const ivl = 100 * time.Millisecond
	b := backoff{min: ivl}
	waited, last := time.Duration(0), time.Duration(0)
	different := map[time.Duration]bool{}
	for _, d := range delays(&b, 400, false) {
		if waited < doublesAfter-ivl {
			within(t, "early", d, ivl)
			different[d] = true
		}
		waited += d
		last = d
	}
	within(t, "late", last, 50*ivl)
	if len(different) < 50 {
		t.Errorf("%d different delays: they are not random", len(different))
	}
	b.reset()
	within(t, "after a success", b.next(time.Now(), false), ivl)
}

// With a maximum, or when the peer is there and does not understand: doubling at once.
func TestBackoffDoubles(t *testing.T) {
	for _, tt := range []struct {
		b        backoff
		hopeless bool
		top      time.Duration
	}{
		{backoff{min: 100, max: 1000}, false, 1000},
		{backoff{min: 100}, true, 5000},
	} {
		want := time.Duration(100)
		for i, d := range delays(&tt.b, 12, tt.hopeless) {
			within(t, "attempt", d, want)
			if want = min(2*want, tt.top); i == 11 && want != tt.top {
				t.Error("it did not reach the top")
			}
		}
	}
}

// With a maximum that is the minimum: exactly that, for ever, whoever is there.
func TestBackoffFixed(t *testing.T) {
	b := backoff{min: time.Second, max: time.Second}
	for i, d := range delays(&b, 100, true) {
		if d != time.Second {
			t.Fatalf("attempt %d: %v, want 1s", i, d)
		}
	}
}
