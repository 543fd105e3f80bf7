package node

import "time"

// dialBudget bounds the dials of which it is not known yet what comes of them: no more
// than so many within any second. It is a bucket that is less than half of that deep
// and fills at half of that a second. A dial that was worth it gives its place back,
// so that a network of real peers comes together as fast as it answers.
type dialBudget struct {
	perSecond int
	used      float64 // of the bucket, at the time in last
	last      time.Time
	open      map[Link]struct{} // whose place may be given back
}

func newBudget(perSecond int) dialBudget {
	return dialBudget{perSecond: perSecond, open: map[Link]struct{}{}}
}

func (b *dialBudget) depth() float64 { return max(1, float64(b.perSecond)*2/5) }
func (b *dialBudget) rate() float64  { return float64(b.perSecond) / 2 }

// free is when the next dial may be made.
func (b *dialBudget) free(now time.Time) time.Time {
	if passed := now.Sub(b.last).Seconds(); passed > 0 {
		b.used = max(0, b.used-passed*b.rate())
		b.last = now
	}
	over := b.used + 1 - b.depth()
	if over <= 0 {
		return now
	}
	return now.Add(time.Duration(over/b.rate()*float64(time.Second)) + time.Millisecond)
}

// take spends a place, which must be free.
func (b *dialBudget) take(l Link) {
	b.used++
	b.open[l] = struct{}{}
}

// refund gives the place of a link back, once.
func (b *dialBudget) refund(l Link) {
	if _, open := b.open[l]; open {
		delete(b.open, l)
		b.used = max(0, b.used-1)
	}
}

// forfeit is for a link that came to nothing.
func (b *dialBudget) forfeit(l Link) { delete(b.open, l) }
