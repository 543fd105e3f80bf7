package gate

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"syscall"
	"time"
)

const (
	// checkEvery is how many datagrams are read between two looks at the queue.
	checkEvery = 64
	// settle is how long a change needs to be felt, in queues that are full.
	settle = 2 * time.Millisecond
	// easeEvery is after how long without a crowd more is let in.
	easeEvery = 50 * time.Millisecond
	// cut and ease are what a part is multiplied by, and leastPart what is left in any
	// case: so it is heard that a flood is over.
	cut, ease = 0.5, 1.25
	leastPart = 1. / 64
	// crowdedAt is how full a queue may be, and crowdedStill how full while something is
	// refused: it is not to stay near the edge, and whoever is in it waits.
	crowdedAt, crowdedStill = 1. / 2, 1. / 16
)

// Conn is a socket of datagrams.
type Conn interface {
	net.PacketConn
	syscall.Conn
}

// Report tells of datagrams that were not heard: so many of sources that had more than their
// share, at last of from, and so many for which the system had no room, as far as it says so.
type Report func(from netip.AddrPort, refused, lost uint64)

// Guard keeps a place for everybody in the queues behind one socket, that of the system and
// the reader's own. While they have room it does nothing, and to one source alone nothing
// either. When they are crowded, the source that sends more than its share (see excess) is let
// in by half, by a quarter, and so on until there is room; later by more and more of it, or at
// once by all when no other is heard. Where the system has no filters the reader throws
// away what is refused. A Guard belongs to the goroutine that reads.
type Guard struct {
	gate     *Gate
	deadline func(time.Time) error // of reading
	look     func() (fill float64, drops uint32, ok bool)
	report   Report
	shares   shares

	heard   int // since the last check
	crowded bool
	thinned map[netip.AddrPort]float64 // which part of whom comes in
	changed time.Time                  // when it was changed

	drops   uint32         // that the system has said
	refused uint64         // by the reader, not reported yet
	flooder netip.AddrPort // that was refused last
}

// NewGuard makes the guard of a socket, whose reads have no other deadline.
func NewGuard(c Conn, report Report) *Guard {
	g := &Guard{
		gate: New(c, nil), deadline: c.SetReadDeadline, report: report, thinned: make(map[netip.AddrPort]float64),
		look: func() (float64, uint32, bool) { return 0, 0, false },
	}
	if raw, err := c.SyscallConn(); err == nil {
		g.look = newSystem(raw).look
	}
	_, g.drops, _ = g.look()
	return g
}

// Hear counts a datagram, and says whether it is let in. from is no IPv4-mapped address.
func (g *Guard) Hear(from netip.AddrPort) bool {
	g.shares.count(from)
	if g.heard++; g.heard >= checkEvery {
		g.check(time.Now())
	}
	if len(g.thinned) == 0 {
		return true
	}
	at, part := g.partOf(from)
	if part >= 1 || g.gate.refuses(at) || rand.Float64() < part {
		return true
	}
	g.refused++
	return false
}

// partOf is which part of a source comes in, and whether it is refused as a source or as an
// address.
func (g *Guard) partOf(from netip.AddrPort) (netip.AddrPort, float64) {
	for _, at := range [...]netip.AddrPort{from, netip.AddrPortFrom(from.Addr(), 0)} {
		if part, ok := g.thinned[at]; ok {
			return at, part
		}
	}
	return from, 1
}

// Room says how much room there is in the reader's own queue, and how much there was at
// most. It reports whether the source that was heard last has to do without: the last eighth
// is for the others.
func (g *Guard) Room(room, most int) (yield bool) {
	tight := most / 8
	if len(g.thinned) > 0 {
		tight = most / 16 * 7 // a pipe is told late what was taken, of a half of it
	}
	if room > tight {
		return false
	}
	g.crowded = true
	_, part := g.partOf(g.shares.last)
	return room <= most/8 && part < 1
}

// Waits says that the reader has to wait. Where the system says how full its own queue is,
// that means nothing yet.
func (g *Guard) Waits() {
	if _, _, ok := g.look(); !ok {
		g.crowded = true
	}
}

// Expired is called when the deadline of reading is over.
func (g *Guard) Expired() {
	now := time.Now()
	g.check(now)
	g.wake(now)
}

// wake has Expired be called when there is something to do.
func (g *Guard) wake(now time.Time) {
	next := time.Time{} // none
	if len(g.thinned) > 0 {
		next = now.Add(easeEvery)
	}
	_ = g.deadline(next)
}

// check looks whether there is a crowd.
func (g *Guard) check(now time.Time) {
	fill, drops, ok := g.look()
	g.account(drops, ok)
	g.shares.turn(now)
	limit := crowdedAt
	if len(g.thinned) > 0 {
		limit = crowdedStill
	}
	crowded := g.crowded || ok && fill >= limit
	g.heard, g.crowded = 0, false
	switch {
	case crowded && now.Sub(g.changed) >= settle:
		g.cut(now)
	case !crowded && len(g.thinned) > 0 && now.Sub(g.changed) >= easeEvery:
		g.ease(now)
	}
}

// account reports what was not heard. While something is refused the system does not say
// which of the datagrams that did not come in the filter has refused.
func (g *Guard) account(drops uint32, ok bool) {
	var lost, refused uint64
	if refused, g.refused = g.refused, 0; ok {
		n := uint64(drops - g.drops)
		g.drops = drops
		if len(g.thinned) > 0 {
			refused += n
		} else {
			lost = n
		}
	}
	if refused+lost > 0 {
		g.report(g.flooder, refused, lost)
	}
}

// cut lets in less of whoever sends too much.
func (g *Guard) cut(now time.Time) {
	from, ok := g.shares.excess()
	if !ok {
		return
	}
	part, known := g.thinned[from]
	switch {
	case !known && len(g.thinned) >= maxSources:
		return
	case !known:
		part = 1
	}
	part = max(part*cut, leastPart)
	g.thinned[from], g.changed, g.flooder = part, now, from
	_ = g.gate.Thin(from, part) // or the reader does it
	g.wake(now)
}

// ease lets in more of all that are refused something; of one that is alone, all.
func (g *Guard) ease(now time.Time) {
	alone := g.shares.alone()
	for from, part := range g.thinned {
		if part *= ease; part >= 1 || alone {
			delete(g.thinned, from)
			part = 1
		} else {
			g.thinned[from] = part
		}
		_ = g.gate.Thin(from, part)
	}
	g.changed = now
}
