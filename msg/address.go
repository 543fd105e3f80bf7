package msg

import "github.com/go-zactor/zactor/internal/buf"

// RoutingID is the number by which a SERVER or PEER knows who sent a received
// message, never 0; for any other message it is what SetRoutingID said, or 0.
// (zmq_msg_routing_id)
func (m Msg) RoutingID() uint32 {
	if m.origin == nil {
		return 0
	}
	return m.origin.RoutingID
}

// SetRoutingID says which peer a SERVER or PEER is to send the message to: the
// RoutingID of a message that came from there. (zmq_msg_set_routing_id)
func (m *Msg) SetRoutingID(id uint32) { m.own().RoutingID = id }

// Group is the group that a DISH received a message in; for any other message it is
// what SetGroup said, or "". (zmq_msg_group)
func (m Msg) Group() string {
	if m.origin == nil {
		return ""
	}
	return m.origin.Group
}

// SetGroup says which group a RADIO is to send the message to, 255 bytes at most.
// (zmq_msg_set_group)
func (m *Msg) SetGroup(group string) { m.own().Group = group }

// Redelivered reports that the sender has sent a received message before, to a peer
// that was lost and may have it or not. Sender and receiver must both have
// zmq.WithRequeue.
func (m Msg) Redelivered() bool { return m.origin != nil && m.origin.Redelivered }

// own gives the message an origin that it shares with no other: the one it has may
// be that of all messages in a chunk.
func (m *Msg) own() *buf.Origin {
	o := &buf.Origin{}
	if m.origin != nil {
		*o = *m.origin
	}
	m.origin = o
	return o
}
