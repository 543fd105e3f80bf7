package demo

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// mostPeers bounds what forged beacons and HELLOs can make a node hold.
const mostPeers = 256

// A peer is another node, or a guest.
type peer struct {
	id      string  // of a node its UUID, of a guest its routing id
	zyre    zyre.ID // of a node; zero for a guest
	key     string  // public, in Z85: who it is
	name    string  // in the certificate of that key; fit to be shown
	address string  // of a guest: where it comes from
	newsAt  string  // of a node

	mechanism string               // of the link
	silent    int                  // of a guest: ticks since it was heard
	pending   map[uint64]time.Time // whispers that it has not answered
	lastIssue uint64               // of its news; 0 before the first

	messages uint64 // what it has answered
	rtt      window
}

// tag is the peer's id, fit to be shown: that of a guest may be any bytes.
func (p *peer) tag() string {
	if p.guest() {
		return hex.EncodeToString([]byte(p.id))
	}
	return p.id
}

// guest reports whether the peer is no node: it came to our inbox by itself.
func (p *peer) guest() bool { return p.zyre == zyre.ID{} }

// met is called for what the other nodes do.
func (n *node) met(e zyre.Event) error {
	id := hex.EncodeToString(e.Peer[:])
	p := n.peers[id]
	switch {
	case e.Kind == zyre.Enter && p == nil:
		return n.enter(id, e)
	case e.Kind == zyre.Exit && p != nil:
		return n.leave(p, e.Reason.String())
	case e.Kind == zyre.Whisper && p != nil:
		return n.whispered(p, e.Msg)
	}
	return nil
}

// enter is called when a node is there. It has proved its key, which is one that is
// trusted; but its name is only what it says.
func (n *node) enter(id string, e zyre.Event) error {
	name, trusted := n.keys.nameOf(e.Key)
	if !trusted {
		return nil // it was, until just now
	}
	if e.Name != name {
		return n.unmask(e.Key, name, e.Name)
	}
	// What comes from others is not simply connected to: news are of this host.
	newsAt := e.Headers[newsHeader]
	if !strings.HasPrefix(newsAt, "tcp://127.0.0.1:") {
		return nil
	}
	if err := n.feed.Connect(newsAt, n.keys.client(e.Key)); err != nil {
		return nil // its news are nowhere
	}
	p := &peer{
		id: id, zyre: e.Peer, key: e.Key, name: plainName(name), newsAt: newsAt,
		pending: map[uint64]time.Time{},
	}
	return n.admit(p, curve, event{Kind: eventEnter}) // a node that has a key meets no others
}

// whispered takes what another node says to this one alone.
func (n *node) whispered(p *peer, m msg.Msg) error {
	n.counts.Received++
	switch m.PopString() {
	case msgWhisper:
		m.PushString(msgEcho)
		_, err := n.send(p, m)
		return err
	case msgEcho:
		return n.echoed(p, m)
	}
	return nil
}

// admit makes a peer one of those that are whispered to.
func (n *node) admit(p *peer, mechanism string, e event) error {
	p.mechanism = mechanism
	n.peers[p.id] = p
	n.ring = append(n.ring, p)
	e.Peer, e.PeerID = p.name, p.tag()
	return n.tell(e)
}
