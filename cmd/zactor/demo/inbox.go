package demo

import (
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

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
	case msgHello:
		return n.welcome(id, from, m)
	case msgWhisper:
		m.PushString(msgEcho)
		return n.reply(id, m)
	case msgEcho:
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
	if err := n.reply(id, msg.NewString(msgHello, n.name, n.pressAt)); err != nil {
		return err
	}
	if newsAt != "" || n.peers[id] != nil || len(n.peers) >= mostPeers {
		return nil
	}
	p := &peer{id: id, name: name, address: from, pending: map[uint64]time.Time{}}
	n.peers[id] = p
	return n.admit(p, event{Kind: eventJoin, Detail: from})
}

// reply sends to whom the inbox has heard from. A ROUTER does not wait: what it
// can't deliver it drops and counts.
func (n *node) reply(id string, m msg.Msg) error {
	m.PushString(id)
	return n.inbox.TrySend(m)
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
