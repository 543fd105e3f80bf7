package chart

import (
	"math"
	"math/bits"
	"time"
)

// Each power of two has so many buckets: what is read from them is 1.6 % off at most.
const (
	subBits = 6
	subs    = 1 << subBits
)

// Hist counts durations. The zero Hist is empty. It is for one goroutine.
type Hist struct {
	counts   [(64 - subBits + 1) * subs]uint64
	n        uint64
	sum      float64
	min, max time.Duration
}

// bucket is where a duration is counted. Below subs each nanosecond has its own.
func bucket(d time.Duration) int {
	v := uint64(max(d, 0))
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift*subs + int(v>>shift)
}

// floor is the least duration of a bucket.
func floor(b int) time.Duration {
	if b < 2*subs {
		return time.Duration(b)
	}
	shift := b/subs - 1
	return time.Duration(b-shift*subs) << shift
}

// Add counts a duration.
func (h *Hist) Add(d time.Duration) {
	if h.n == 0 || d < h.min {
		h.min = d
	}
	h.max = max(h.max, d)
	h.n++
	h.sum += float64(d)
	h.counts[bucket(d)]++
}

// Merge adds what another one has counted.
func (h *Hist) Merge(o *Hist) {
	if o.n == 0 {
		return
	}
	if h.n == 0 || o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.n += o.n
	h.sum += o.sum
	for i, c := range o.counts {
		h.counts[i] += c
	}
}

// N is how many durations there are.
func (h *Hist) N() uint64 { return h.n }

// Min, Max and Mean are exact. All are 0 where nothing was counted.
func (h *Hist) Min() time.Duration { return h.min }

// Max is the longest.
func (h *Hist) Max() time.Duration { return h.max }

// Mean is the sum divided by their number.
func (h *Hist) Mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	return time.Duration(h.sum / float64(h.n))
}

// Quantile is the duration that the part q of all, 0.99 for one, does not exceed, to
// within 1.6 %.
func (h *Hist) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	want := max(uint64(math.Ceil(q*float64(h.n))), 1)
	var seen uint64
	for i, c := range h.counts {
		if seen += c; seen >= want {
			return min(max(floor(i+1)-1, h.min), h.max)
		}
	}
	return h.max
}

// Summary is a Hist in numbers, in nanoseconds.
type Summary struct {
	Count uint64        `json:"count"`
	Min   time.Duration `json:"min_ns"`
	Mean  time.Duration `json:"mean_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	P999  time.Duration `json:"p999_ns"`
	Max   time.Duration `json:"max_ns"`
}

// Summary returns the numbers.
func (h *Hist) Summary() Summary {
	return Summary{h.n, h.min, h.Mean(), h.Quantile(.5), h.Quantile(.9), h.Quantile(.99), h.Quantile(.999), h.max}
}

// bar is a row of a picture: how many took from From to less than To.
type bar struct {
	from, to time.Duration
	n        uint64
}

// bars puts what was counted into at most most rows of equal ratio between the shortest
// and the longest.
func (h *Hist) bars(most int) (bars []bar) {
	if h.n == 0 {
		return nil
	}
	lo, hi := bucket(h.min), bucket(h.max)
	each := (hi-lo)/most + 1
	for at := lo; at <= hi; at += each {
		b := bar{from: floor(at), to: floor(at + each)}
		for i := at; i < min(at+each, len(h.counts)); i++ {
			b.n += h.counts[i]
		}
		bars = append(bars, b)
	}
	return bars
}
