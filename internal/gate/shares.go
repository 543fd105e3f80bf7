package gate

import (
	"net/netip"
	"time"
)

const (
	// window is how long a generation of sources is the young one.
	window = time.Second
	// maxTallies is how many sources are told apart, in each of two generations.
	maxTallies = 1024
	// enough is how many datagrams say who sends how much.
	enough = 4 * checkEvery
	// substance is what part of all a source must have that is refused something: without
	// that the others gain nothing. So in a flood of made-up sources the true ones are let
	// be.
	substance = 16
)

// shares is who has sent how much lately.
type shares struct {
	young, old map[netip.AddrPort]*int
	total      int // that the young generation has sent, and those that there was no place for
	turned     time.Time
	last       netip.AddrPort // has been heard last,
	at         *int           // and is counted here
	nobody     int            // those that there was no place for
}

func (s *shares) count(from netip.AddrPort) {
	s.total++
	if s.at == nil || from != s.last {
		s.last, s.at = from, s.tally(from)
	}
	*s.at++
}

func (s *shares) tally(from netip.AddrPort) *int {
	n := s.young[from]
	switch {
	case n != nil:
		return n
	case len(s.young) >= maxTallies:
		return &s.nobody
	case s.young == nil:
		s.young = make(map[netip.AddrPort]*int)
	}
	n = new(int)
	s.young[from] = n
	return n
}

// turn forgets those that were not heard for a window, or two.
func (s *shares) turn(now time.Time) {
	if s.turned.IsZero() {
		s.turned = now
	}
	gone := now.Sub(s.turned)
	if gone < window {
		return
	}
	if s.old = s.young; gone >= 2*window {
		s.old = nil
	}
	s.young, s.total, s.at, s.turned = nil, 0, nil, now
}

// alone says that there are no two sources.
func (s *shares) alone() bool {
	switch {
	case len(s.young) > 1 || len(s.old) > 1:
		return false
	case len(s.young) == 0 || len(s.old) == 0:
		return true
	}
	for from := range s.young {
		if s.old[from] == nil {
			return false
		}
	}
	return true
}

// sent is what an address has sent.
type sent struct {
	n       int
	sources int
	most    netip.AddrPort // the source that has sent most,
	mostN   int            // and how much
}

// add counts a source, unless it has been counted.
func (a *sent) add(from netip.AddrPort, n int) {
	a.n, a.sources = a.n+n, a.sources+1
	if n >= a.mostN {
		a.most, a.mostN = from, n
	}
}

// excess finds who sends more than a share: half more than an equal one. Addresses share
// first, and the ports of one address share what it has. An address of which no port has most
// is refused as a whole, which port 0 says.
func (s *shares) excess() (from netip.AddrPort, ok bool) {
	if s.total < enough {
		return from, false
	}
	addrs, top := s.byAddress()
	switch {
	case top == nil || !s.isOver(top.n, len(addrs)) && len(addrs) > 1:
		return from, false
	case len(addrs) == 1:
		return top.most, top.sources > 1 && s.isOver(top.mostN, top.sources)
	case 2*top.mostN > top.n:
		return top.most, true
	}
	return netip.AddrPortFrom(top.most.Addr(), 0), true
}

func (s *shares) isOver(n, sources int) bool {
	return 2*n*sources > 3*s.total && n*substance >= s.total
}

// byAddress adds up. Those that were heard in the window before have a share as well.
func (s *shares) byAddress() (all map[netip.Addr]*sent, top *sent) {
	all = make(map[netip.Addr]*sent)
	add := func(from netip.AddrPort, n int) {
		a := all[from.Addr()]
		if a == nil {
			a = &sent{}
			all[from.Addr()] = a
		}
		if a.add(from, n); top == nil || a.n > top.n {
			top = a
		}
	}
	for from, n := range s.young {
		add(from, *n)
	}
	for from := range s.old {
		if s.young[from] == nil {
			add(from, 0)
		}
	}
	return all, top
}
