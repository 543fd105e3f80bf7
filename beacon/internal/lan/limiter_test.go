package lan

import (
	"net/netip"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	start := time.Unix(1000, 0)
	l := NewLimiter(10)
	count := func(at time.Duration, tries int) (n int) {
		for range tries {
			if l.Allow(start.Add(at)) {
				n++
			}
		}
		return n
	}
	for _, test := range []struct {
		at          time.Duration
		tries, want int
	}{
		{0, 1000, 10},                      // a second's worth at once
		{0, 1000, 0},                       // and nothing more
		{99 * time.Millisecond, 5, 0},      // not yet a whole token
		{100 * time.Millisecond, 5, 1},     // ten a second
		{600 * time.Millisecond, 100, 5},   // ten a second
		{-time.Hour, 5, 0},                 // a clock that goes back gives nothing
		{time.Hour, 1000, 10},              // and a long pause no more than a second's worth
		{time.Hour + time.Second/2, 3, 3},  // fewer than there are
		{time.Hour + time.Second/2, 10, 2}, // the rest
	} {
		if got := count(test.at, test.tries); got != test.want {
			t.Errorf("%d tries after %v: %d allowed, want %d", test.tries, test.at, got, test.want)
		}
	}
	free := NewLimiter(0)
	for range 100_000 {
		if !free.Allow(start) {
			t.Fatal("a limit of 0 limits")
		}
	}
}

// Senders that were heard before the storm are heard in it, at their own small rate, and
// none that came with it.
func TestKnownSendersOutlastAStorm(t *testing.T) {
	start := time.Unix(1000, 0)
	l := NewLimiter(100)
	peer, liar := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	heard := func(from netip.Addr, at time.Duration) bool { return l.Admit(from, start.Add(at)) }
	for s := range 20 { // longer than two generations
		if !heard(peer, time.Duration(s)*time.Second) {
			t.Fatal("not heard in calm times")
		}
	}
	const storm = 30 * time.Second
	var random uint32
	accepted, lies, honest := 0, 0, 0
	for i := range 300_000 { // ten thousand a second, each from another address
		at := 20*time.Second + time.Duration(i)*storm/300_000
		random = random*1664525 + 1013904223
		if heard(netip.AddrFrom4([4]byte{11, byte(random >> 24), byte(random >> 16), byte(random >> 8)}), at) {
			accepted++
		}
		if i > 10_000 && i%10 == 0 && heard(liar, at) { // not among the first, who came in what looked like calm
			lies++
		}
		if i%10_000 == 0 && heard(peer, at) {
			honest++
		}
	}
	if honest != 30 {
		t.Errorf("the peer was heard %d of 30 times", honest)
	}
	if accepted+lies > 100*31 {
		t.Errorf("%d of the storm were accepted, the limit is 100 a second", accepted+lies)
	}
	greedy := 0
	for range 1000 {
		if heard(peer, 50*time.Second) {
			greedy++
		}
	}
	if greedy > KnownRate+100 {
		t.Errorf("a known sender was heard %d times at once", greedy)
	}
	if n := len(l.known.young) + len(l.known.old); n > 2*maxKnown {
		t.Errorf("%d senders are remembered", n)
	}
}

// One address floods: newcomers are heard as if it were not there, for as long as it goes
// on.
func TestNewcomersAreHeardBesideAFlood(t *testing.T) {
	const perSecond, flood = 4096, 30_000
	start, l := time.Unix(1000, 0), NewLimiter(perSecond)
	hostile, flooded := netip.MustParseAddr("10.0.0.1"), 0
	for i := range flood { // three seconds
		at := start.Add(time.Duration(i) * 100 * time.Microsecond)
		if l.Admit(hostile, at) {
			flooded++
		}
		if i%100 == 0 && !l.Admit(netip.AddrFrom4([4]byte{10, 0, 1, byte(i / 100 % 256)}), at) {
			t.Fatalf("the newcomer after %d datagrams is not heard", i)
		}
	}
	if most := 4 * (perSecond + KnownRate); flooded > most {
		t.Errorf("%d of the flood were heard, want %d at most", flooded, most)
	}
}
