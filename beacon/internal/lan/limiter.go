package lan

import (
	"net/netip"
	"sync"
	"time"
)

// A Limiter is a token bucket that holds a second's worth, and remembers the senders that
// were heard while there was enough for all. Time comes from outside.
type Limiter struct {
	mu     sync.Mutex
	common bucket // guarded by mu; a rate of 0 is no limit
	known  known  // guarded by mu
}

// NewLimiter makes a full bucket; a rate of 0 is no limit.
func NewLimiter(perSecond int) *Limiter { return &Limiter{common: newBucket(perSecond)} }

// Allow takes a token, if there is one at the time now.
func (l *Limiter) Allow(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.common.take(now)
}

// Admit takes a token for a sender. Senders that were known before a storm began have
// tokens of their own, so that forged beacons don't drown theirs.
func (l *Limiter) Admit(from netip.Addr, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.common.take(now) {
		return l.known.take(from, now)
	}
	if l.common.isCalm() {
		l.known.learn(from, now)
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
	KnownRate = 16               // beacons a second that each known sender may send in a storm
	maxKnown  = 1024             // in each of two generations
	knownFor  = 10 * time.Second // of calm, after which a silent one is forgotten
)

// known are the senders that were heard in calm times. In a storm none is learned and
// none is forgotten.
type known struct {
	young, old map[netip.Addr]*bucket
	turned     time.Time // when young was new
}

func (k *known) learn(from netip.Addr, now time.Time) {
	if k.young == nil || now.Sub(k.turned) >= knownFor {
		k.old, k.young, k.turned = k.young, make(map[netip.Addr]*bucket), now
	}
	if k.young[from] != nil || len(k.young) >= maxKnown {
		return
	}
	b := k.old[from]
	if b == nil {
		fresh := newBucket(KnownRate)
		b = &fresh
	}
	k.young[from] = b
}

func (k *known) take(from netip.Addr, now time.Time) bool {
	b := k.young[from]
	if b == nil {
		b = k.old[from]
	}
	return b != nil && b.take(now)
}
