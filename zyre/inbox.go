package zyre

import (
	"net/netip"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// batch is how many messages are taken from the inbox at once.
const batch = 64

// receive takes what peers send.
func (n *Node) receive() {
	ms := make([]msg.Msg, batch)
	for {
		count, err := n.inbox.RecvBatch(n.loops, ms)
		if err != nil {
			return
		}
		n.do(func(now time.Time) {
			for _, m := range ms[:count] {
				n.core.Receive(now, source(m), m.Frames[1:])
			}
		})
		clear(ms[:count])
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
