package auth

import (
	"fmt"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	th := &throttle{after: 5, min: time.Second, max: time.Minute}
	now := time.Unix(1e9, 0)
	try := func(addr string, right bool) bool {
		a, may := th.begin(addr, now)
		if may {
			th.end(a, now, !right)
		}
		return may
	}
	for range 5 {
		if !try("a", false) {
			t.Fatal("one of the first five failures had to wait")
		}
	}
	wait := time.Second
	for range 10 {
		if try("a", true) || !try("b", true) {
			t.Fatalf("with %v to wait: a may try, or b may not", wait)
		}
		now = now.Add(wait - 1)
		if try("a", true) {
			t.Fatalf("a may try before %v are over", wait)
		}
		now = now.Add(1)
		if !try("a", false) {
			t.Fatalf("a may not try after %v", wait)
		}
		wait = min(2*wait, time.Minute)
	}
	if n := th.waiting(now); n != 1 {
		t.Errorf("%d addresses have to wait, want 1", n)
	}
	// A right password does not clear the record: it may be the guesser's own.
	now = now.Add(time.Minute)
	if !try("a", true) || !try("a", false) || try("a", true) {
		t.Error("a success cleared the record")
	}
	now = now.Add(2*time.Minute + 1)
	for range 5 {
		if !try("a", false) {
			t.Error("what was long ago still counts")
		}
	}
}

// Many guesses at once are not many guesses for the price of one.
func TestThrottleAtOnce(t *testing.T) {
	th := &throttle{after: 2, min: time.Second, max: time.Minute}
	now := time.Unix(1e9, 0)
	for range 2 {
		a, _ := th.begin("a", now)
		th.end(a, now, true)
	}
	now = now.Add(time.Second)
	first, may := th.begin("a", now)
	if !may {
		t.Fatal("the wait is over")
	}
	if _, may := th.begin("a", now); may {
		t.Error("a second guess while the first is being checked")
	}
	th.end(first, now, false)
	if _, may := th.begin("a", now); !may {
		t.Error("no guess after the first was right")
	}
}

func TestThrottleIsBounded(t *testing.T) {
	th := &throttle{after: 1, min: time.Second, max: time.Minute}
	now := time.Unix(1e9, 0)
	for i := range 3 * maxGuessers {
		a, _ := th.begin(fmt.Sprint(i), now)
		th.end(a, now, true)
	}
	if len(th.byAddr) != maxGuessers || th.order.Len() != maxGuessers {
		t.Errorf("%d and %d addresses are remembered, the limit is %d", len(th.byAddr), th.order.Len(), maxGuessers)
	}
	if _, may := th.begin(fmt.Sprint(3*maxGuessers-1), now); may {
		t.Error("the latest was forgotten")
	}
}

func TestThrottleOff(t *testing.T) {
	th := &throttle{}
	now := time.Unix(1e9, 0)
	for range 100 {
		a, may := th.begin("a", now)
		if !may {
			t.Fatal("a request had to wait")
		}
		th.end(a, now, true)
	}
}
