package zyre

import (
	"context"
	"testing"

	"github.com/go-zactor/zactor/internal/zre"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// speaker is a peer that says what a test wants: an inbox and one DEALER, without any
// node behind them.
type speaker struct {
	t     testing.TB
	ctx   context.Context
	id    node.ID
	inbox *zmq.Socket
	at    string
	out   *zmq.Socket
	seq   uint16
}

// newSpeaker makes a peer that talks to n.
func newSpeaker(t testing.TB, n *Node, id byte, opts ...zmq.Option) *speaker {
	t.Helper()
	s := &speaker{t: t, ctx: ztest.Within(t), id: node.ID{id, 0xEE}}
	var err error
	if s.inbox, err = zmq.NewRouter(s.ctx, append(opts, zmq.WithLinger(0))...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.inbox.Close() })
	if s.at, err = s.inbox.Bind("tcp://127.0.0.1:*"); err != nil {
		t.Fatal(err)
	}
	s.out = s.dealer(n, s.id)
	return s
}

// dealer connects to a node under an identity.
func (s *speaker) dealer(n *Node, id node.ID) *zmq.Socket {
	s.t.Helper()
	d, err := zmq.NewDealer(s.ctx, zmq.WithRoutingID(id.RoutingID()), zmq.WithLinger(0))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { d.Close() })
	if err := d.Connect(n.Endpoint()); err != nil {
		s.t.Fatal(err)
	}
	return d
}

// say sends a message with the next number.
func (s *speaker) say(m zre.Message) {
	s.t.Helper()
	s.seq++
	m.Seq = s.seq
	frames, err := m.Frames()
	if err != nil {
		s.t.Fatal(err)
	}
	s.raw(frames...)
}

func (s *speaker) raw(frames ...[]byte) {
	s.t.Helper()
	if err := s.out.Send(s.ctx, msg.New(frames...)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *speaker) hello() {
	s.t.Helper()
	s.say(zre.Message{Kind: zre.Hello, Endpoint: s.at, Name: "speaker"})
}

// heard is the next message of the node.
func (s *speaker) heard() zre.Message {
	s.t.Helper()
	m, err := s.inbox.Recv(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := zre.Parse(m.Frames[1:])
	if err != nil {
		s.t.Fatalf("the node sent %v: %v", m, err)
	}
	return got
}
