package beacon

import (
	"sync"
	"time"
)

// A limiter is a token bucket that holds a second's worth. Time comes from
// outside.
type limiter struct {
	rate float64 // tokens a second; 0 is no limit

	mu     sync.Mutex
	tokens float64   // guarded by mu
	last   time.Time // guarded by mu; when tokens was right
}

func newLimiter(perSecond int) *limiter {
	return &limiter{rate: float64(perSecond), tokens: float64(perSecond)}
}

// allow takes a token, if there is one at the time now.
func (l *limiter) allow(now time.Time) bool {
	if l.rate == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if gone := now.Sub(l.last); gone > 0 {
		l.tokens = min(l.rate, l.tokens+gone.Seconds()*l.rate)
		l.last = now
	}
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}
