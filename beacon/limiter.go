package beacon

import (
	"net/netip"
	"sync"
	"time"
)

// A limiter is a token bucket that holds a second's worth, and remembers who was heard
// while there was enough for all. Time comes from outside.
type limiter struct {
	mu       sync.Mutex
	common   bucket   // guarded by mu; a rate of 0 is no limit
	regulars regulars // guarded by mu
}

func newLimiter(perSecond int) *limiter { return &limiter{common: newBucket(perSecond)} }

// allow takes a token, if there is one at the time now.
func (l *limiter) allow(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.common.take(now)
}

// admit takes a token for a sender. Those who were known before a storm began have
// tokens of their own, so that forged beacons don't drown theirs.
func (l *limiter) admit(from netip.Addr, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.common.take(now) {
		return l.regulars.take(from, now)
	}
	if l.common.isCalm() {
		l.regulars.learn(from, now)
	}
	return true
}

type bucket struct {
	rate   float64 // tokens a second
	tokens float64
	last   time.Time // when tokens was right
}

func newBucket(perSecond int) bucket {
	return bucket{rate: float64(perSecond), tokens: float64(perSecond)}
}

func (b *bucket) take(now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	if gone := now.Sub(b.last); gone > 0 {
		b.tokens = min(b.rate, b.tokens+gone.Seconds()*b.rate)
		b.last = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// isCalm says that the bucket is far from empty.
func (b *bucket) isCalm() bool { return b.rate > 0 && b.tokens >= b.rate/2 }

const (
	regularRate = 16               // beacons a second that each regular may send in a storm
	maxRegulars = 1024             // in each of two generations
	regularFor  = 10 * time.Second // of calm, after which one who is silent is forgotten
)

// regulars are the senders that were heard in calm times. In a storm nobody is learned
// and nobody is forgotten.
type regulars struct {
	young, old map[netip.Addr]*bucket
	turned     time.Time // when young was new
}

func (r *regulars) learn(from netip.Addr, now time.Time) {
	if r.young == nil || now.Sub(r.turned) >= regularFor {
		r.old, r.young, r.turned = r.young, make(map[netip.Addr]*bucket), now
	}
	if r.young[from] != nil || len(r.young) >= maxRegulars {
		return
	}
	b := r.old[from]
	if b == nil {
		fresh := newBucket(regularRate)
		b = &fresh
	}
	r.young[from] = b
}

func (r *regulars) take(from netip.Addr, now time.Time) bool {
	b := r.young[from]
	if b == nil {
		b = r.old[from]
	}
	return b != nil && b.take(now)
}
