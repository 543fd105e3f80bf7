package node

import (
	"maps"
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// Receive takes a message from the inbox. The frames are the node's from then on.
func (n *Node) Receive(now time.Time, src Source, frames [][]byte) {
	id, ok := ParseRoutingID(src.RoutingID)
	if !ok {
		n.stats.Malformed++
		return
	}
	p := n.peers[id]
	m, err := zre.Parse(frames)
	if err != nil {
		n.stats.Malformed++
		if p != nil && p.greeted && p.conn == src.Conn {
			n.remove(now, p, Malformed)
		}
		return
	}
	n.stats.Received[m.Kind]++
	switch {
	case m.Kind == zre.Hello:
		n.greeting(now, id, src, &m)
	case p == nil || !p.greeted:
		n.stats.Stranger++
	case n.accept(now, p, src, &m):
		n.take(now, p, &m)
	}
}

// Spoilt is for a message that could not be worked on because that panicked: its sender
// ends, as one that is malformed does, and may come again.
func (n *Node) Spoilt(now time.Time, src Source) {
	id, _ := ParseRoutingID(src.RoutingID)
	if p := n.peers[id]; p != nil && (p.conn == src.Conn || !p.greeted) {
		n.stats.Malformed++
		n.remove(now, p, Malformed)
	}
}

// accept reports whether a message is the next one of p. A peer that connects anew
// goes on counting, and so does not stand out; what is out of sequence on a
// connection that is not p's proves nothing but that its sender knows its UUID.
func (n *Node) accept(now time.Time, p *peer, src Source, m *zre.Message) bool {
	own := src.Conn == p.conn
	switch {
	case n.Key != "" && src.Key != p.key:
		n.stats.Impostor++
		return false
	case m.Seq == p.received+1 && (own || m.Kind != zre.Goodbye):
		p.received, p.conn = m.Seq, src.Conn
		return true
	case own:
		n.stats.Gaps++
		n.remove(now, p, Lost)
		return false
	}
	n.stats.Impostor++
	n.doom(now, p, Lost)
	return false
}

// take is for a message that p has sent: it is a sign of life, and is acted upon
// when the application knows p.
func (n *Node) take(now time.Time, p *peer, m *zre.Message) {
	p.heard = now
	if p.ready() {
		n.act(now, p, m)
		return
	}
	for _, f := range m.Content {
		p.heldSize += len(f)
	}
	p.held = append(p.held, *m)
	if len(p.held) > maxHeld || p.heldSize > maxHeldBytes {
		n.stats.Malformed++
		n.remove(now, p, Malformed)
	}
}

// act does what a message of a peer that is ready says.
func (n *Node) act(now time.Time, p *peer, m *zre.Message) {
	if p.evasive {
		p.evasive = false
		n.host.Event(Event{Kind: Recovered, Peer: p.id, Name: p.name})
		n.schedule(now, p)
	}
	switch m.Kind {
	case zre.Whisper:
		n.host.Event(Event{Kind: Whisper, Peer: p.id, Name: p.name, Content: m.Content})
	case zre.Shout:
		n.shouted(p, m)
	case zre.Join, zre.Leave:
		n.membership(now, p, m)
	case zre.Ping:
		n.post(p, zre.Message{Kind: zre.PingOK})
	case zre.PingOK:
		if p.why != Slow {
			p.doomed = time.Time{}
		}
	case zre.Elect:
		n.elect(now, p, m)
	case zre.Leader:
		n.lead(now, p, m)
	case zre.Goodbye:
		n.remove(now, p, Goodbye)
	}
}

func (n *Node) shouted(p *peer, m *zre.Message) {
	if _, in := n.groups[m.Group]; !in {
		n.stats.NotMember++
		return
	}
	n.host.Event(Event{Kind: Shout, Peer: p.id, Name: p.name, Group: m.Group, Content: m.Content})
}

// membership takes a JOIN or LEAVE. A status that is not the next one, which makes
// zyre abort, is counted and taken.
func (n *Node) membership(now time.Time, p *peer, m *zre.Message) {
	if m.Status != p.status+1 {
		n.stats.StatusMismatch++
	}
	p.status = m.Status
	_, in := p.groups[m.Group]
	switch {
	case m.Kind == zre.Leave && in:
		delete(p.groups, m.Group)
		n.host.Event(Event{Kind: Leave, Peer: p.id, Name: p.name, Group: m.Group})
		n.departed(now, p, m.Group)
	case m.Kind == zre.Join && !in && len(p.groups) >= n.MaxGroups:
		n.stats.Malformed++
		n.remove(now, p, Malformed)
	case m.Kind == zre.Join && !in:
		p.groups[m.Group] = struct{}{}
		n.joined(now, p, m.Group)
	}
}

func sortedKeys(m map[string]struct{}) []string { return slices.Sorted(maps.Keys(m)) }
