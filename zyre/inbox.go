package zyre

import (
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// receive takes what peers send.
func (n *Node) receive() {
	ms := make([]msg.Msg, batch)
	var c crowding
	for {
		count, err := n.inbox.RecvBatch(n.loops, ms[:c.room()])
		if err != nil {
			return
		}
		n.work(ms[:count])
		pause := c.look(ms[:count], time.Now())
		clear(ms[:count])
		if pause {
			time.Sleep(breath)
		}
	}
}

// work gives messages to the state machine. One that panics ends its sender, which may
// come again; it is logged when the lock is given back.
func (n *Node) work(ms []msg.Msg) {
	var panics []*contain.Panic
	n.do("zyre: messages", func(now time.Time) {
		for _, m := range ms {
			p := n.tasks.Try("zyre: message", func() { n.core.Receive(now, source(m), m.Frames[1:]) })
			if p != nil {
				panics = append(panics, p, n.tasks.Try("zyre: end of a peer", func() { n.core.Spoilt(now, source(m)) }))
			}
		}
	})
	for _, p := range panics {
		n.tasks.Tell(p)
	}
}

// source is what is known of a message's sender. Only the authenticator says UserID,
// and of a CURVE client it says the key.
func source(m msg.Msg) node.Source {
	p := m.Peer()
	s := node.Source{RoutingID: m.Frames[0]}
	if at, err := netip.ParseAddrPort(p.RemoteAddr); err == nil {
		s.Conn = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	}
	if p.Mechanism == "CURVE" {
		s.Key = p.UserID
	}
	return s
}
