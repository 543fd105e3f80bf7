package repair

import "time"

// bucket is a token bucket that may be overdrawn: a packet goes out whole as soon
// as the debt of those before it is paid, so that the rate is exact for packets of
// any size.
type bucket struct {
	rate   float64 // tokens a second
	burst  float64 // as many are saved while nothing is sent
	tokens float64
	last   time.Time
}

func newBucket(rate, burst float64, now time.Time) bucket {
	return bucket{rate: rate, burst: burst, last: now}
}

// ready reports whether something may be sent now.
func (b *bucket) ready(now time.Time) bool {
	if passed := now.Sub(b.last); passed > 0 {
		b.tokens = min(b.burst, b.tokens+b.rate*passed.Seconds())
		b.last = now
	}
	return b.tokens >= 0
}

// take pays for n.
func (b *bucket) take(n int) { b.tokens -= float64(n) }

// when is the time from which on something may be sent.
func (b *bucket) when() time.Time {
	if b.tokens >= 0 {
		return b.last
	}
	// Rounded up, or it would not be ready at that very time.
	return b.last.Add(time.Duration(-b.tokens/b.rate*float64(time.Second)) + 1)
}
