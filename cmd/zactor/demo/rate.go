package demo

import "time"

// rate is how fast a counter rises, smoothed over about a second. Its clock is
// that of the life whose counter it is, since reports may come late, and then all
// at once.
type rate struct {
	id        string
	at        time.Duration
	n         uint64
	perSecond float64
}

func (r *rate) update(id string, at time.Duration, n uint64) {
	if r.id != id || n < r.n {
		*r = rate{id: id, at: at, n: n}
		return
	}
	if at <= r.at {
		return
	}
	fresh := float64(n-r.n) / (at - r.at).Seconds()
	if r.perSecond == 0 {
		r.perSecond = fresh
	}
	r.perSecond += (fresh - r.perSecond) / 4
	r.at, r.n = at, n
}
