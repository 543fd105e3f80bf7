package demo

import (
	"slices"
	"time"
)

// quantiles are round-trip times in milliseconds; zero when none was measured.
type quantiles struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

// window holds the last round-trip times, for quantiles of how it is now.
type window struct {
	times [256]time.Duration
	n     int // how many were ever added
}

func (w *window) add(d time.Duration) {
	w.times[w.n%len(w.times)] = d
	w.n++
}

func (w *window) quantiles() quantiles {
	n := min(w.n, len(w.times))
	if n == 0 {
		return quantiles{}
	}
	sorted := slices.Sorted(slices.Values(w.times[:n]))
	return quantiles{P50: millis(sorted[(n-1)/2]), P99: millis(sorted[(n-1)*99/100])}
}

// millis is d in milliseconds, rounded to microseconds.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

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
