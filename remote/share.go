package remote

import (
	"math"
	"strings"

	"github.com/go-zactor/zactor/internal/budget"
)

// What all peers have here together is bounded as well: each has a quota (WithQuota), the
// nodes of one address a few, and all of them a few more, or who comes with many nodes
// would have many quotas. When all is taken, who holds most gives up what came last.

const (
	// addressQuotas is how many quotas of bytes the peers of one address have together
	// (IPv6: of one /64), and allQuotas how many all have.
	addressQuotas, allQuotas = 4, 16
)

// shares are what peers hold: its bytes are bounded. How many messages these are is
// bounded for each actor and peer, and by what a packet counts for at the least.
type shares = budget.Pool[*peer]

func newShares(bytes int) *shares {
	return budget.NewPool[*peer](budget.Rules{
		Most: budget.Amount{Places: math.MaxInt32, Bytes: min(bytes, math.MaxInt/allQuotas) * allQuotas},
		Peer: addressQuotas / float64(allQuotas), Address: addressQuotas / float64(allQuotas),
	})
}

// joins gives a peer its share.
func (s *Space) joins(p *peer, endpoint string) {
	p.share = s.shares.Come(budget.OriginOf(strings.TrimPrefix(endpoint, "tcp://")))
	p.share.Owner = p
}

// parts ends the share of a peer that has gone, whatever an actor still has of it.
func (s *Space) parts(p *peer) {
	p.share.Give(p.share.Used())
	s.shares.Leave(p.share)
}

// charge counts a request for its peer, if there is room, and reports it.
func (s *Space) charge(r *request) bool {
	p, size := r.from, r.size()
	if p.bytes > 0 && p.bytes+size > s.options.bytes {
		return false
	}
	n := budget.Amount{Places: 1, Bytes: min(size, s.options.bytes)} // one that is larger counts for all
	if s.shares.MakeRoom(p.share, n, s.evict) != budget.Room {
		return false
	}
	r.cost, r.held = size, n
	p.bytes += size
	p.share.Take(n)
	return true
}

// uncharge gives back what a request counts for, once.
func (s *Space) uncharge(r *request) {
	r.from.bytes -= r.cost
	r.from.share.Give(r.held)
	r.cost, r.held = 0, budget.Amount{}
}

// evict has a peer lose the last message of its longest line.
func (s *Space) evict(share *budget.Share[*peer]) {
	var longest *line
	for _, v := range s.served {
		if l := v.lines[share.Owner]; l != nil && l.waiting > 0 && (longest == nil || l.waiting > longest.waiting) {
			longest = l
		}
	}
	if longest == nil {
		return
	}
	r := longest.last
	v := r.of
	v.unlist(r)
	s.uncharge(r)
	s.stats.Dropped++
	s.stats.Evicted++
	s.events.Publish(Event{Kind: Busy, Peer: r.from.Peer, Actor: v.name})
	s.refuse(r, ErrBusy)
	if r.asks() {
		s.close(r)
	}
	v.prune(longest)
}
