package msg_test

import (
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/msg"
)

func TestAddressOfNewMessage(t *testing.T) {
	m := msg.NewString("x")
	if m.RoutingID() != 0 || m.Group() != "" {
		t.Fatalf("a new message has routing id %d and group %q", m.RoutingID(), m.Group())
	}
	m.SetRoutingID(0xFFFFFFFF)
	m.SetGroup("tv")
	if m.RoutingID() != 0xFFFFFFFF || m.Group() != "tv" {
		t.Errorf("routing id %d, group %q", m.RoutingID(), m.Group())
	}
	c := m.Clone()
	c.SetGroup("radio")
	if m.Group() != "tv" || c.RoutingID() != 0xFFFFFFFF {
		t.Errorf("the clone shares its address: %q, %d", m.Group(), c.RoutingID())
	}
}

// Messages of one chunk share an origin. To address one of them anew must change
// neither the others nor how often the chunk is released.
func TestAddressOfReceivedMessage(t *testing.T) {
	c := buf.NewChunk(100)
	c.Hold(2)
	c.Origin = buf.Origin{Peer: &buf.Peer{RemoteAddr: "far"}, Chunk: c, RoutingID: 7}
	a, b := origin.Message([][]byte{c.B[:1]}, &c.Origin), origin.Message([][]byte{c.B[1:2]}, &c.Origin)
	a.SetRoutingID(8)
	a.SetGroup("g")
	if b.RoutingID() != 7 || b.Group() != "" {
		t.Errorf("the neighbour has routing id %d, group %q", b.RoutingID(), b.Group())
	}
	if a.Peer().RemoteAddr != "far" {
		t.Error("the peer was forgotten")
	}
	a.Release()
	if c.Alone() {
		t.Error("released twice")
	}
	b.Release()
	if !c.Alone() {
		t.Error("not released")
	}
}
