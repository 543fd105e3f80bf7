package rate

import (
	"net/netip"
	"sync"
	"time"
)

// Verdict is what Fair says of a datagram.
type Verdict uint8

// The verdicts.
const (
	Heard   Verdict = iota
	Refused         // its source, or all of them together, have said too much
	Flood           // refused, and so much of its source was that it is better not heard for a while
)

const (
	// lightRate is how many datagrams a second of a source count as few.
	lightRate = 16
	// lightPart is the part of the rate that is kept for sources that send few.
	lightPart = 4
	// maxSources is how many sources are told apart, in each of two generations. All
	// above are one.
	maxSources = 4096
	// sourcesFor is how long a generation of sources is the young one.
	sourcesFor = 10 * time.Second
)

// Fair is a limit to how many datagrams a second are heard, of which no source can take
// another's share. A quarter of the rate is kept for sources that send few. The rest goes to
// whoever comes, and to none more than a quarter of the rate while it is scarce. Its methods
// may be called from any goroutine; time comes from outside.
type Fair struct {
	rate int // 0 is no limit

	mu         sync.Mutex
	few, many  Bucket // guarded by mu
	young, old map[netip.Addr]*source
	turned     time.Time // guarded by mu; when young was new
	others     source    // guarded by mu; of the sources that there is no place for
}

// source is what one has sent lately.
type source struct {
	few, many Bucket
	second    time.Time // when the counting of refused began
	refused   int
}

// New makes one; a rate of 0 is no limit.
func New(perSecond int) *Fair {
	f := &Fair{rate: perSecond, others: newSource(perSecond)}
	few := max(1, perSecond/lightPart)
	f.few, f.many = NewBucket(few), NewBucket(max(1, perSecond-few))
	return f
}

func newSource(rate int) source {
	return source{few: NewBucket(lightRate), many: NewBucket(max(1, rate/lightPart))}
}

// Hear says whether a datagram is to be heard.
func (f *Fair) Hear(from netip.Addr, now time.Time) Verdict {
	if f.rate == 0 {
		return Heard
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.source(from, now)
	if s != &f.others && s.few.Take(now) && f.few.Take(now) {
		return Heard
	}
	// The share of a source is counted always, and refuses only while there is not enough
	// for all.
	if within := s.many.Take(now); within || f.many.IsCalm() {
		if f.many.Take(now) {
			return Heard
		}
	}
	if s != &f.others && s.floods(f.rate, now) {
		return Flood
	}
	return Refused
}

// floods counts what was refused: more in a second than would have been heard of all.
func (s *source) floods(rate int, now time.Time) bool {
	if now.Sub(s.second) >= time.Second {
		s.second, s.refused = now, 0
	}
	s.refused++
	return s.refused > rate
}

// source is that of an address. The caller holds mu.
func (f *Fair) source(from netip.Addr, now time.Time) *source {
	from = from.Unmap()
	if f.young == nil || now.Sub(f.turned) >= sourcesFor {
		f.old, f.young, f.turned = f.young, make(map[netip.Addr]*source), now
	}
	s := f.young[from]
	if s == nil {
		if s = f.old[from]; s == nil && len(f.young) >= maxSources {
			return &f.others
		}
		if s == nil {
			fresh := newSource(f.rate)
			s = &fresh
		}
		f.young[from] = s
	}
	return s
}
