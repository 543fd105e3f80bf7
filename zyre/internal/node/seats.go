package node

import (
	"net/netip"
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
)

// seats are the places of peers, MaxPeers in all. They count by the address that a peer
// has come from: when all are taken, the address with the most gives one up for a peer
// from one with fewer, so that a single host can't keep the others out.
type seats = budget.Pool[[]*peer]

var oneSeat = budget.Amount{Places: 1}

func newSeats(most int) *seats {
	return budget.NewPool[[]*peer](budget.Rules{Most: budget.Amount{Places: most, Bytes: 1}, Peer: 1, Address: 1})
}

// seat enters a peer that has come from an address; there is room.
func (n *Node) seat(p *peer, from netip.Addr) {
	p.seat = n.seats.From(budget.Origin(from))
	p.seat.Owner = append(p.seat.Owner, p)
	p.seat.Take(oneSeat)
	n.peers[p.id] = p
}

func (n *Node) unseat(p *peer) {
	delete(n.peers, p.id)
	s := p.seat
	s.Owner = slices.DeleteFunc(s.Owner, func(other *peer) bool { return other == p })
	s.Give(oneSeat)
	n.seats.Settle(s)
}

// room sees to it that a peer from an address has a place: that of one that only a beacon
// has spoken of, or of the newest from the most crowded address.
func (n *Node) room(now time.Time, from netip.Addr) bool {
	if len(n.peers) < n.MaxPeers || n.sacrifice(now) {
		return true
	}
	s := n.seats.From(budget.Origin(from))
	defer n.seats.Settle(s)
	return n.seats.MakeRoom(s, oneSeat, func(crowded *budget.Share[[]*peer]) {
		n.stats.Evicted++
		n.remove(now, crowded.Owner[len(crowded.Owner)-1], Crowded)
	}) == budget.Room
}
