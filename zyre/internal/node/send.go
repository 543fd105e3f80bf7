package node

import (
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// Outcome is what became of a message to a peer.
type Outcome uint8

// The outcomes.
const (
	Sent    Outcome = iota
	NoRoom          // its link is full
	Unknown         // there is no such peer
	TooLong         // it does not fit the protocol
)

// Whisper sends content to a peer, or with a group as a SHOUT.
func (n *Node) Whisper(id ID, group string, content [][]byte) Outcome {
	p := n.peers[id]
	if p == nil || !p.ready() {
		return Unknown
	}
	m := zre.Message{Kind: zre.Whisper, Content: content}
	if group != "" {
		m.Kind, m.Group = zre.Shout, group
	}
	if len(group) > zre.MaxString {
		return TooLong
	}
	if !n.post(p, m) {
		return NoRoom
	}
	return Sent
}

// LinkOf is the link to a peer that is ready.
func (n *Node) LinkOf(id ID) (Link, bool) {
	p := n.peers[id]
	if p == nil || !p.ready() {
		return 0, false
	}
	return p.link, true
}

// post sends a message behind those that wait, if there is room for all.
func (n *Node) post(p *peer, m zre.Message) bool { return n.flush(p) && n.put(p, m) }

// must is post for a message that may not be left out: when there is no room it
// waits. A peer for which too many wait is gone.
func (n *Node) must(p *peer, m zre.Message) {
	if p.link == 0 || n.post(p, m) {
		return // without a link the HELLO that comes will say it
	}
	if len(p.backlog) >= maxBacklog {
		p.doomed, p.why = p.since, Slow // at the next Tick: the caller may be walking the peers
		n.sooner(p.since)
		return
	}
	p.backlog = append(p.backlog, m)
	n.sooner(p.since)
}

// flush sends what waits.
func (n *Node) flush(p *peer) bool {
	for len(p.backlog) > 0 {
		if !n.put(p, p.backlog[0]) {
			return false
		}
		p.backlog = p.backlog[1:]
	}
	return p.link != 0
}

// put gives a message its number and sends it. Numbers are never skipped: to the
// peer a gap means that something was lost.
func (n *Node) put(p *peer, m zre.Message) bool {
	m.Seq = p.sent + 1
	frames, err := m.Frames()
	if err != nil {
		return true // it was checked before; what can't be said is not said
	}
	if !n.host.Send(p.link, frames) {
		return false
	}
	n.stats.Sent[m.Kind]++
	p.sent++
	return true
}

// Join enters a group, and reports whether the node was not in it.
func (n *Node) Join(now time.Time, group string) bool {
	if _, in := n.groups[group]; in {
		return false
	}
	n.groups[group] = struct{}{}
	n.announce(zre.Join, group)
	n.reconsider(now, group)
	return true
}

// Leave leaves a group, and reports whether the node was in it.
func (n *Node) Leave(group string) bool {
	if _, in := n.groups[group]; !in {
		return false
	}
	delete(n.groups, group)
	n.retire(group)
	n.announce(zre.Leave, group)
	return true
}

// announce tells all peers of a change. The status is the one after it.
func (n *Node) announce(kind zre.Kind, group string) {
	n.status++
	for _, p := range n.sorted() {
		n.must(p, zre.Message{Kind: kind, Group: group, Status: n.status})
	}
}
