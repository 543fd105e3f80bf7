package node

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// greeting takes a HELLO.
func (n *Node) greeting(now time.Time, id ID, src Source, m *zre.Message) {
	at, fallback, ok := endpointOf(m.Endpoint, src.Conn.Addr())
	switch {
	case id == n.ID:
		n.stats.Impostor++
		return
	case !ok || m.Seq != 1 || len(m.Groups) > n.MaxGroups:
		n.stats.Malformed++
		return
	case !n.keyFits(id, src.Key, m):
		n.stats.KeyMismatch++
		n.refuse(Refused{id, m.Name, at, src.Key, OtherKey})
		return
	}
	p := n.peers[id]
	if p != nil && p.greeted {
		if !n.mayBegin(now, p, src) {
			return
		}
		n.remove(now, p, Reset)
		p = nil
	}
	if p == nil && !n.room(now, src.Conn.Addr()) {
		n.stats.Full++
		n.refuse(Refused{id, m.Name, at, src.Key, NoPlace})
		return
	}
	n.evictHolder(now, id, at)
	n.greet(now, n.expected(now, id, src.Key, at), src, m)
	p = n.peers[id]
	if p.fallback = fallback; p.at != at {
		p.fallback = at
	}
	if p.link == 0 {
		n.answer(now, p)
	}
	n.confirm(now, p)
}

// keyFits reports whether a HELLO's key is the one that its connection has proved,
// that of the UUID, and, if it names one, that one.
func (n *Node) keyFits(id ID, proved string, m *zre.Message) bool {
	if n.Key == "" {
		return true
	}
	known, pinned := n.known[id]
	claimed, claims := m.Headers[keyHeader]
	return proved != "" && (!pinned || known == proved) && (!claims || claimed == proved)
}

// mayBegin reports whether a HELLO may end the peer that has the UUID already. One
// from elsewhere than a peer that is alive is not believed, but the peer is asked.
func (n *Node) mayBegin(now time.Time, p *peer, src Source) bool {
	switch {
	case now.Sub(p.since) < resetPause:
		n.stats.Flapping++
		return false
	case n.Key != "" || p.evasive || src.Conn.Addr() == p.conn.Addr():
		return true
	}
	n.stats.Impostor++
	n.doom(now, p, Lost)
	return false
}

// sacrifice makes room by giving up on a peer that only a beacon has spoken of.
func (n *Node) sacrifice(now time.Time) bool {
	for _, p := range n.sorted() {
		if !p.greeted {
			n.giveUp(now, p)
			return true
		}
	}
	return false
}

// evictHolder is for a new UUID at the place of another one: that process can't be
// there any more. But the claim may be false, so it is asked.
func (n *Node) evictHolder(now time.Time, id ID, at netip.AddrPort) {
	for _, p := range n.sorted() {
		if p.id != id && p.at == at {
			n.doom(now, p, Goodbye)
		}
	}
}

// expected is the peer of a UUID that says HELLO for the first time. A link to it
// that a beacon has led elsewhere is given up.
func (n *Node) expected(now time.Time, id ID, key string, at netip.AddrPort) *peer {
	delete(n.candidates, id)
	p := n.peers[id]
	if p == nil {
		p = &peer{id: id, at: at, key: key}
		n.seat(p, at.Addr())
		return p
	}
	if p.link != 0 && (p.at.Port() != at.Port() || p.key != key) {
		n.unlink(p, false)
	}
	if p.link == 0 {
		p.at = at
	}
	p.key = key
	return p
}

// greet takes over what a HELLO says.
func (n *Node) greet(now time.Time, p *peer, src Source, m *zre.Message) {
	p.greeted, p.since, p.heard = true, now, now
	p.conn, p.received, p.status = src.Conn, m.Seq, m.Status
	p.name, p.headers = m.Name, m.Headers
	p.groups = make(map[string]struct{}, len(m.Groups))
	for _, g := range m.Groups {
		p.groups[g] = struct{}{}
	}
	n.sooner(now.Add(n.Greet))
}

// enter tells of a peer that is ready, and what it has sent before it was.
func (n *Node) enter(now time.Time, p *peer) {
	n.remember(p)
	p.heard = now
	n.host.Event(Event{Kind: Enter, Peer: p.id, Name: p.name, Headers: p.headers, At: p.at, Key: p.key})
	for _, g := range sortedKeys(p.groups) {
		n.joined(now, p, g)
	}
	held := p.held
	p.held, p.heldSize = nil, 0
	for i := range held {
		if n.peers[p.id] != p {
			return
		}
		n.act(now, p, &held[i])
	}
	if n.peers[p.id] == p {
		n.schedule(now, p)
	}
}

// endpointOf is where a node can be reached that has connected from host and says
// that its endpoint is text: at host, on the port that it names, and if nobody is
// there at the address that it names. Text may have an IPv6 address without
// brackets, as zyre writes it, or a name, which counts for nothing.
func endpointOf(text string, host netip.Addr) (at, fallback netip.AddrPort, ok bool) {
	rest, ok := strings.CutPrefix(text, "tcp://")
	colon := strings.LastIndexByte(rest, ':')
	if !ok || colon < 0 || !host.IsValid() {
		return at, fallback, false
	}
	port, err := strconv.ParseUint(rest[colon+1:], 10, 16)
	if err != nil || port == 0 {
		return at, fallback, false
	}
	host = host.Unmap()
	at = netip.AddrPortFrom(host, uint16(port))
	named, err := netip.ParseAddr(strings.Trim(rest[:colon], "[]"))
	if err != nil || named.Unmap().WithZone("") == host.WithZone("") || !usable(named.Unmap()) {
		return at, fallback, true
	}
	return at, netip.AddrPortFrom(named.Unmap(), uint16(port)), true
}

// usable reports whether a connection to a may be tried because another peer has
// named it: not to this host itself, and only to one host.
func usable(a netip.Addr) bool {
	return !a.IsLoopback() && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLinkLocalUnicast()
}
