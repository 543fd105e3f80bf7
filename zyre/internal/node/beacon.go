package node

import (
	"maps"
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
)

// candidate is a node that a beacon speaks of, and nothing else does.
type candidate struct {
	id       ID
	at       netip.AddrPort
	key      string
	heard    time.Time
	again    bool // heard more than once, there
	behind   bool // a peer was there when it was heard
	failures int
	retry    time.Time // not to be dialled before
}

// Hear takes a beacon and the address that it came from.
func (n *Node) Hear(now time.Time, from netip.Addr, z beacon.ZRE) {
	id := ID(z.UUID)
	if id == n.ID {
		return
	}
	n.stats.Beacons++
	key, ok := n.beaconKey(id, from, z)
	if !ok {
		return
	}
	p := n.peers[id]
	switch {
	case p != nil && z.Leaving():
		n.stats.Goodbyes++
		n.doom(now, p, Goodbye)
	case p != nil:
	case z.Leaving():
		delete(n.candidates, id)
	default:
		at := netip.AddrPortFrom(from.Unmap(), z.Port)
		c := &candidate{id: id, at: at, key: key, heard: now, behind: n.occupied(now, at)}
		n.supersede(c)
		n.consider(c)
		n.advance(now)
	}
}

// Distrust takes the beacon of a node whose key is not trusted: it is counted, and nothing
// is said to that node. It reports false for the own.
func (n *Node) Distrust(z beacon.ZRE) bool {
	if ID(z.UUID) == n.ID {
		return false
	}
	n.stats.Beacons++
	return true
}

// occupied reports whether a peer is there already where a beacon claims that
// another node is. To dial would be to say HELLO to that peer a second time, which
// it must take for a new beginning. If the claim is true, the peer has gone, and when it has
// exited who came after it is dialled: it need not be heard once more.
func (n *Node) occupied(now time.Time, at netip.AddrPort) bool {
	for _, p := range n.peers {
		if p.link != 0 && p.at == at {
			n.doom(now, p, Goodbye)
			return true
		}
	}
	return false
}

// supersede has the last one count of those that are heard behind the same peer: one of
// them can be there at most.
func (n *Node) supersede(c *candidate) {
	if c.behind {
		maps.DeleteFunc(n.candidates, func(id ID, old *candidate) bool { return id != c.id && old.behind && old.at == c.at })
	}
}

// places are where peers are that candidates wait behind.
func (n *Node) places() map[netip.AddrPort]bool {
	var taken map[netip.AddrPort]bool
	for _, c := range n.candidates {
		if !c.behind {
			continue
		}
		taken = make(map[netip.AddrPort]bool, len(n.peers))
		for _, p := range n.peers {
			if p.link != 0 {
				taken[p.at] = true
			}
		}
		break
	}
	return taken
}

// beaconKey is the key in a beacon, if the node can deal with its kind and the UUID
// has not been another key's. Nodes with a key and nodes in clear don't talk: it
// would make the key worthless.
func (n *Node) beaconKey(id ID, from netip.Addr, z beacon.ZRE) (key string, ok bool) {
	refused := Refused{Peer: id, At: netip.AddrPortFrom(from.Unmap(), z.Port), Why: InClear}
	if z.Version == beacon.ZRE3 {
		refused.Why = WithKey
	}
	if (z.Version == beacon.ZRE3) != (n.Key != "") {
		n.stats.BeaconVersion++
		n.refuse(refused)
		return "", false
	}
	if n.Key == "" {
		return "", true
	}
	key, err := cert.EncodeZ85(z.PublicKey[:])
	if known, pinned := n.known[id]; err != nil || pinned && known != key {
		n.stats.BeaconKey++
		refused.Key, refused.Why = key, OtherKey
		n.refuse(refused)
		return "", false
	}
	return key, true
}

// consider enters a candidate. In a full table it takes the place of any other that
// was never a peer, so that a flood can't keep a node out for ever.
func (n *Node) consider(c *candidate) {
	if old := n.candidates[c.id]; old != nil {
		if old.at == c.at {
			c.again, c.failures, c.retry = true, old.failures, old.retry
		}
		n.candidates[c.id] = c
		return
	}
	if len(n.candidates) >= n.MaxCandidates {
		n.stats.BeaconFull++
		n.evict(c.failures > 0)
	}
	if len(n.candidates) < n.MaxCandidates {
		n.candidates[c.id] = c
	}
}

// evict takes out any candidate that was never a peer. One whose beacon has come again
// gives no place to the memory of a dial that failed.
func (n *Node) evict(forFailed bool) {
	for id, c := range n.candidates {
		if _, was := n.known[id]; was || forFailed && c.again {
			continue
		}
		delete(n.candidates, id)
		return
	}
}

// advance dials candidates, as many as the budget allows.
func (n *Node) advance(now time.Time) {
	for len(n.candidates) > 0 {
		if len(n.peers) >= n.MaxPeers {
			n.stats.BeaconFull++
			return
		}
		if len(n.beaconDials.open) >= maxExpected {
			return // a HELLO, or the end of a wait for one, makes room
		}
		if free := n.beaconDials.free(now); free.After(now) {
			n.sooner(free)
			return
		}
		c := n.pick(now)
		if c == nil {
			return
		}
		delete(n.candidates, c.id)
		if n.occupied(now, c.at) {
			c.behind = true
			n.candidates[c.id] = c
			continue
		}
		p := &peer{id: c.id, since: now, key: c.key, failures: c.failures}
		n.seat(p, c.at.Addr())
		n.dial(now, p, c.at, &n.beaconDials)
	}
}

// pick is a candidate that may be dialled: one that was a peer once, if there is one,
// else one whose beacon has come again, as that of a node does, and else any: a flood of
// made-up nodes is of such as are heard once. Those not heard for long are forgotten.
func (n *Node) pick(now time.Time) (best *candidate) {
	places := n.places()
	for id, c := range n.candidates {
		switch {
		case c.behind && places[c.at]:
			continue
		case now.Sub(c.heard) >= n.Expired:
			delete(n.candidates, id)
			continue
		case c.retry.After(now):
			n.sooner(c.retry)
			continue
		}
		if _, was := n.known[id]; was {
			return c
		}
		if best == nil || c.again {
			best = c
		}
	}
	return best
}
