package demo

import (
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// heard is called for what arrives in the node's inbox.
func (n *node) heard(m msg.Msg) error {
	n.counts.Received++
	who := m.Peer()
	id := m.PopString()
	p := n.peers[id]
	if p != nil {
		if p.key != who.UserID {
			return nil // a routing id is anybody's to choose; a key is not
		}
		p.silent = 0
	}
	switch m.PopString() {
	case msgHello:
		return n.welcome(id, who, m)
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

// welcome answers a HELLO. Nodes know each other by zyre and say it there; who has no
// news to publish is a guest. The name is to be the one in the
// certificate by which the authenticator has let the sender in.
func (n *node) welcome(id string, who msg.Peer, m msg.Msg) error {
	name, newsAt := m.PopString(), m.PopString()
	if name != who.Vouched("name") {
		return n.unmask(who.UserID, who.Vouched("name"), name)
	}
	if err := n.reply(id, msg.NewString(msgHello, n.name, n.pressAt)); err != nil {
		return err
	}
	if newsAt != "" || n.peers[id] != nil || len(n.peers) >= mostPeers {
		return nil
	}
	p := &peer{
		id: id, key: who.UserID, name: plainName(name), address: who.RemoteAddr,
		pending: map[uint64]time.Time{},
	}
	return n.admit(p, who.Mechanism, event{Kind: eventJoin, Detail: who.RemoteAddr})
}

// unmask tells of who claims a name that is not in the sender's certificate, once for each
// key. The sender is not answered.
func (n *node) unmask(key, name, claimed string) error {
	if n.liars[key] {
		return nil
	}
	n.liars[key] = true
	return n.tell(event{Kind: eventLie, Peer: plainName(name), Detail: "claims to be " + plainName(claimed)})
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
