package demo

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// mostPeers bounds what forged beacons and HELLOs can make a node hold.
const mostPeers = 256

// A peer is another node, or a guest.
type peer struct {
	id      string // its routing id
	key     string // public, in Z85: who it is
	name    string // in the certificate of that key; fit to be shown
	address string // of a guest: where it comes from
	newsAt  string

	dealer *zmq.Socket // to its inbox; nil for a guest
	handle *zloop.Handle

	entered   bool
	mechanism string               // of the link
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
// somebody is there: the peer enters when it has answered, over a link that only the
// owner of a trusted key can answer.
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
	return n.recognize(id, z.PublicKey, fmt.Sprintf("tcp://%s:%d", s.From.Addr(), z.Port))
}

// recognize greets a peer whose key is trusted. Others are not worth a connection.
func (n *node) recognize(id string, public [32]byte, endpoint string) error {
	key, err := cert.EncodeZ85(public[:])
	if err != nil {
		return err
	}
	name, trusted := n.keys.nameOf(key)
	if !trusted {
		return nil
	}
	p := &peer{id: id, key: key, name: plainName(name), pending: map[uint64]time.Time{}}
	return n.greet(p, endpoint)
}

// greet connects to a peer that was sighted, and says hello.
func (n *node) greet(p *peer, endpoint string) error {
	dealer, err := zmq.NewDealer(n.ctx, zmq.WithRoutingID(n.id), zmq.WithLinger(0), n.keys.client(p.key))
	if err != nil {
		return err
	}
	p.dealer = dealer
	n.peers[p.id] = p
	p.handle = n.loop.Reader(dealer, func(m msg.Msg) error { return n.answered(p, m) })
	watch(n, dealer.Monitor(n.ctx, zmq.EventDisconnected), func(e zmq.Event) error { return n.cutOff(p, e) })
	if err := dealer.Connect(endpoint); err != nil {
		return err
	}
	return dealer.TrySend(msg.NewString(msgHello, n.name, n.pressAt))
}

// answered is called for what comes back from a peer's inbox.
func (n *node) answered(p *peer, m msg.Msg) error {
	n.counts.Received++
	p.silent = 0
	switch m.PopString() {
	case msgHello:
		return n.enter(p, m)
	case msgEcho:
		return n.echoed(p, m)
	}
	return nil
}

// enter is called when a peer has answered our HELLO with its own.
func (n *node) enter(p *peer, m msg.Msg) error {
	link := m.Peer().Mechanism
	name, newsAt := plainName(m.PopString()), m.PopString()
	if name != p.name {
		return n.unmask(p.key, p.name, name)
	}
	// What comes from others is not simply connected to: news are of this host.
	if p.entered || !strings.HasPrefix(newsAt, "tcp://127.0.0.1:") {
		return nil
	}
	if err := n.feed.Connect(newsAt, n.keys.client(p.key)); err != nil {
		return n.leave(p, "its news are nowhere")
	}
	p.newsAt = newsAt
	return n.admit(p, link, event{Kind: eventEnter})
}

// admit makes a peer one of those that are whispered to.
func (n *node) admit(p *peer, mechanism string, e event) error {
	p.entered, p.mechanism = true, mechanism
	n.ring = append(n.ring, p)
	e.Peer, e.PeerID = p.name, p.tag()
	return n.tell(e)
}
