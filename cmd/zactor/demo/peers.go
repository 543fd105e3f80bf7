package demo

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// silentTicks is after how many beacon intervals without a sign of life a peer
// counts as gone. It is generous, because a machine may be busy: a peer that has
// died is known at once by its connection, and silence only tells of one that was
// cut off.
const silentTicks = 50

// mostPeers bounds what forged beacons and HELLOs can make a node hold.
const mostPeers = 256

// A peer is another node, or a guest.
type peer struct {
	id      string // its routing id
	name    string // as it calls itself; fit to be shown
	address string // of a guest: where it comes from
	newsAt  string

	dealer *zmq.Socket // to its inbox; nil for a guest
	handle *zloop.Handle

	entered   bool
	silent    int                  // ticks since it was heard
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

// guest reports whether the peer came to our inbox without a beacon.
func (p *peer) guest() bool { return p.dealer == nil }

func (p *peer) close() {
	if p.handle != nil {
		p.handle.Stop()
	}
	if p.dealer != nil {
		p.dealer.Close()
	}
}

// sighted is called for every beacon. It is a hint to connect, and no proof that
// somebody is there: the peer enters when it has answered.
func (n *node) sighted(s beacon.Signal) error {
	z, err := beacon.ParseZRE(s.Data)
	if err != nil || z.UUID == n.uuid {
		return nil
	}
	id := hex.EncodeToString(z.UUID[:])
	p := n.peers[id]
	switch {
	case z.Leaving() && p != nil:
		return n.leave(p, "said goodbye")
	case z.Leaving():
		return nil
	case p != nil:
		p.silent = 0
		return nil
	case len(n.peers) >= mostPeers:
		return nil
	}
	return n.greet(id, fmt.Sprintf("tcp://%s:%d", s.From.Addr(), z.Port))
}

// greet connects to a peer that was sighted, and says hello.
func (n *node) greet(id, endpoint string) error {
	dealer, err := zmq.NewDealer(n.ctx, zmq.WithRoutingID(n.id), zmq.WithLinger(0))
	if err != nil {
		return err
	}
	p := &peer{id: id, dealer: dealer, pending: map[uint64]time.Time{}}
	n.peers[id] = p
	p.handle = n.loop.Reader(dealer, func(m msg.Msg) error { return n.answered(p, m) })
	watch(n, dealer.Monitor(n.ctx, zmq.EventDisconnected), func(e zmq.Event) error { return n.cutOff(p, e) })
	if err := dealer.Connect(endpoint); err != nil {
		return err
	}
	return dealer.TrySend(msg.NewString(hello, n.name, n.pressAt))
}

// answered is called for what comes back from a peer's inbox.
func (n *node) answered(p *peer, m msg.Msg) error {
	n.counts.Received++
	p.silent = 0
	switch m.PopString() {
	case hello:
		return n.enter(p, m)
	case echo:
		return n.echoed(p, m)
	}
	return nil
}

// enter is called when a peer has answered our HELLO with its own.
func (n *node) enter(p *peer, m msg.Msg) error {
	name, newsAt := plainName(m.PopString()), m.PopString()
	// What comes from others is not simply connected to: news are of this host.
	if p.entered || !strings.HasPrefix(newsAt, "tcp://127.0.0.1:") {
		return nil
	}
	if err := n.feed.Connect(newsAt); err != nil {
		return n.leave(p, "its news are nowhere")
	}
	p.name, p.newsAt = name, newsAt
	return n.admit(p, event{Kind: entered})
}

// admit makes a peer one of those that are whispered to.
func (n *node) admit(p *peer, e event) error {
	p.entered = true
	n.ring = append(n.ring, p)
	e.Peer, e.PeerID = p.name, p.tag()
	return n.tell(e)
}

// heard is called for what arrives in the node's inbox.
func (n *node) heard(m msg.Msg) error {
	n.counts.Received++
	from := m.Peer().RemoteAddr
	id := m.PopString()
	p := n.peers[id]
	if p != nil {
		p.silent = 0
	}
	switch m.PopString() {
	case hello:
		return n.welcome(id, from, m)
	case whisper:
		m.PushString(echo)
		return n.reply(id, m)
	case echo:
		if p != nil && p.guest() {
			return n.echoed(p, m)
		}
	}
	return nil
}

// welcome answers a HELLO. A node that sends it is known by its beacon, or soon
// will be; who has no news to publish is a guest.
func (n *node) welcome(id, from string, m msg.Msg) error {
	name, newsAt := plainName(m.PopString()), m.PopString()
	if err := n.reply(id, msg.NewString(hello, n.name, n.pressAt)); err != nil {
		return err
	}
	if newsAt != "" || n.peers[id] != nil || len(n.peers) >= mostPeers {
		return nil
	}
	p := &peer{id: id, name: name, address: from, pending: map[uint64]time.Time{}}
	n.peers[id] = p
	return n.admit(p, event{Kind: joined, Detail: from})
}

// reply sends to whom the inbox has heard from. A ROUTER does not wait: what it
// can't deliver it drops and counts.
func (n *node) reply(id string, m msg.Msg) error {
	m.PushString(id)
	return n.inbox.TrySend(m)
}

// cutOff is called when a connection that we made is lost. The DEALER would dial
// again; but a node that restarts has a new name and address, and one that is
// still there will be sighted again.
func (n *node) cutOff(p *peer, e zmq.Event) error {
	if n.peers[p.id] != p {
		return nil // it has left before
	}
	why := "connection lost"
	if e.Err != nil {
		why += ": " + e.Err.Error()
	}
	return n.leave(p, why)
}

// hungUp is called when a connection to the inbox has ended, to see which guest
// it was. Nodes are known better by our own connection to them.
func (n *node) hungUp(zmq.Event) error {
	connected := map[string]bool{}
	for _, info := range n.inbox.Peers() {
		connected[string(info.RoutingID)] = info.Connected
	}
	for _, p := range n.peers {
		if p.guest() && !connected[p.id] {
			if err := n.leave(p, "connection lost"); err != nil {
				return err
			}
		}
	}
	return nil
}

// countSilence looks for peers that have gone without a word. It counts ticks of
// the node's own, not time, so that a node that was held up itself, and has its
// peers' beacons still waiting, does not blame them.
func (n *node) countSilence() error {
	for _, p := range n.peers {
		if p.silent++; p.silent > silentTicks {
			if err := n.leave(p, "silent"); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave forgets a peer, and tells the boss if it had entered.
func (n *node) leave(p *peer, why string) error {
	delete(n.peers, p.id)
	if p.dealer != nil {
		n.drops += p.dealer.Stats().Drops.Total()
	}
	p.close()
	if !p.entered {
		return nil
	}
	n.ring = slices.DeleteFunc(n.ring, func(o *peer) bool { return o == p })
	e := event{Kind: departed, Peer: p.name, PeerID: p.tag(), Detail: why}
	if !p.guest() {
		e.Kind = exited
		n.counts.Orphaned += uint64(len(p.pending))
		n.feed.Disconnect(p.newsAt) // fails only when the feed is closed, or was never connected to it
	}
	if err := n.tell(e); err != nil {
		return err
	}
	return n.finishWhenAnswered()
}
