package lan

import (
	"net/netip"
	"sync"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/rate"
)

// MuteFor is how long a source is not heard (gate.Gate) that was found to flood.
const MuteFor = time.Second

// A Limiter is a token bucket that holds a second's worth, of which each sender has a share
// where there is not enough for all, and remembers the senders that were heard while there
// was. Time comes from outside.
type Limiter struct {
	fair   *rate.Fair
	mu     sync.Mutex
	common rate.Bucket // guarded by mu; a rate of 0 is no limit
	known  known       // guarded by mu
}

// NewLimiter makes a full bucket; a rate of 0 is no limit.
func NewLimiter(perSecond int) *Limiter {
	return &Limiter{fair: rate.New(perSecond), common: rate.NewBucket(perSecond)}
}

// Allow takes a token, if there is one at the time now.
func (l *Limiter) Allow(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.common.Take(now)
}

// Admit takes a token for a sender. One that floods has its share, so that newcomers are
// heard beside it. Senders that were known before a storm began have tokens of their own, so
// that forged beacons don't drown theirs.
func (l *Limiter) Admit(from netip.Addr, now time.Time) bool {
	heard := l.fair.Hear(from, now) == rate.Heard
	l.mu.Lock()
	defer l.mu.Unlock()
	calm := l.common.Take(now) && l.common.IsCalm() // of all that comes, heard or not
	switch {
	case !heard:
		return l.known.take(from, now)
	case calm:
		l.known.learn(from, now)
	}
	return true
}

const (
	KnownRate = 16               // beacons a second that each known sender may send in a storm
	maxKnown  = 1024             // in each of two generations
	knownFor  = 10 * time.Second // of calm, after which a silent one is forgotten
)

// known are the senders that were heard in calm times. In a storm none is learned and
// none is forgotten.
type known struct {
	young, old map[netip.Addr]*rate.Bucket
	turned     time.Time // when young was new
}

func (k *known) learn(from netip.Addr, now time.Time) {
	if k.young == nil || now.Sub(k.turned) >= knownFor {
		k.old, k.young, k.turned = k.young, make(map[netip.Addr]*rate.Bucket), now
	}
	if k.young[from] != nil || len(k.young) >= maxKnown {
		return
	}
	b := k.old[from]
	if b == nil {
		fresh := rate.NewBucket(KnownRate)
		b = &fresh
	}
	k.young[from] = b
}

func (k *known) take(from netip.Addr, now time.Time) bool {
	b := k.young[from]
	if b == nil {
		b = k.old[from]
	}
	return b != nil && b.Take(now)
}
