// Package rate says how much a second is heard, and whose. It has no clock: times are passed
// in.
package rate

import "time"

// Bucket holds tokens for a second at most. It is not safe for several goroutines.
type Bucket struct {
	rate   float64 // tokens a second
	tokens float64
	last   time.Time // when tokens was right
}

// NewBucket makes a full bucket; a rate of 0 is no limit.
func NewBucket(perSecond int) Bucket {
	return Bucket{rate: float64(perSecond), tokens: float64(perSecond)}
}

// Take takes a token, if there is one at the time now.
func (b *Bucket) Take(now time.Time) bool {
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

// IsCalm says that the bucket is far from empty.
func (b *Bucket) IsCalm() bool { return b.rate > 0 && b.tokens >= b.rate/2 }
