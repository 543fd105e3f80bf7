package zyre

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
)

// Whatever one peer sends: that peer is gone, it is counted, and nothing else happens.
func TestHostilePeer(t *testing.T) {
	t.Parallel()
	port := network(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	meet(t, a, b)
	for i, c := range []struct {
		name   string
		frames [][]byte
		reason Reason
	}{
		{"nothing", [][]byte{{}}, Malformed},
		{"junk", [][]byte{[]byte("GET / HTTP/1.1")}, Malformed},
		{"a version", [][]byte{{0xAA, 0xA1, 6, 1, 0, 2}}, Malformed},
		{"a truncated JOIN", [][]byte{{0xAA, 0xA1, 4, 2, 0, 2, 200, 'x'}}, Malformed},
		{"a huge frame", [][]byte{append([]byte{0xAA, 0xA1, 6, 2, 0, 2}, make([]byte, 1<<20)...)}, Malformed},
		{"a count", [][]byte{{0xAA, 0xA1, 1, 2, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF}}, Malformed},
		{"PING of two frames", [][]byte{{0xAA, 0xA1, 6, 2, 0, 2}, {}}, Malformed},
		{"a gap", [][]byte{{0xAA, 0xA1, 6, 2, 0, 3}}, Gap},
	} {
		s := newSpeaker(t, a, byte(10+i))
		ea := listen(t, a)
		ea.order(Enter) // b
		s.hello()
		ea.order(Enter)
		before := a.Stats()
		s.raw(c.frames...)
		if e := ea.expect(Exit); e.Peer != ID(s.id) || e.Reason != c.reason {
			t.Errorf("%s: exit of %v: %v", c.name, e.Peer, e.Reason)
		}
		after := a.Stats()
		if after.Malformed+after.Gaps != before.Malformed+before.Gaps+1 || after.Peers != 1 {
			t.Errorf("%s: from %+v to %+v", c.name, before, after)
		}
		ea.none()
	}
	if b.Stats().Peers != 1 {
		t.Error("b has lost a")
	}
}

// Those who never say HELLO, or a wrong one, don't exist.
func TestNoHello(t *testing.T) {
	t.Parallel()
	port := network(t)
	a := begun(t, port, "a")
	ea := listen(t, a)
	s := newSpeaker(t, a, 9)
	s.seq = 4
	s.say(zre.Message{Kind: zre.Whisper})
	s.say(zre.Message{Kind: zre.Hello, Endpoint: s.at})
	s.seq = 0
	s.say(zre.Message{Kind: zre.Hello, Endpoint: "ipc:///tmp/x"})
	d := s.dealer(a, [16]byte{})
	if err := d.SendString(s.ctx, "x"); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "all four are counted", func() bool {
		s := a.Stats()
		return s.Stranger == 1 && s.Malformed == 3
	})
	ea.none()
	if s := a.Stats(); s.Peers+s.Strangers != 0 || s.Dials != 0 {
		t.Errorf("%+v", s)
	}
}

// Somebody connects under the identity of a live peer and says goodbye, and more: he is
// not let in, and the peer stays.
func TestStolenIdentity(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	meet(t, a, b)
	ea := listen(t, a)
	ea.order(Enter)
	thief := newSpeaker(t, a, 9)
	before := a.inbox.Stats().HandshakesFailed
	for _, m := range []zre.Message{{Kind: zre.Goodbye, Seq: 2}, {Kind: zre.Whisper, Seq: 2}, {Kind: zre.Whisper, Seq: 99}} {
		d := thief.dealer(a, [16]byte(b.ID()))
		frames, _ := m.Frames()
		if err := d.Send(ctx, msg.New(frames...)); err != nil {
			t.Fatal(err)
		}
	}
	ztest.Eventually(t, "the thieves are turned away", func() bool { return a.inbox.Stats().HandshakesFailed >= before+3 })
	ea.none()
	if err := b.Whisper(ctx, a.ID(), msg.NewString("still here")); err != nil {
		t.Fatal(err)
	}
	ea.order(Whisper)
}

// What we send is what the specification says, number by number.
func TestWhatWeSend(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a := begun(t, port, "alice", WithHeader("X-ROLE", "server"), WithGroups("room"))
	ea := listen(t, a)
	s := newSpeaker(t, a, 9)
	s.hello()
	ea.order(Enter)
	s.say(zre.Message{Kind: zre.Join, Group: "G", Status: 1})
	ea.order(Join)
	if err := errors.Join(a.Whisper(ctx, ID(s.id), msg.New()), a.Shout(ctx, "G", msg.NewString("x", "y")),
		a.Join("other"), a.Leave("room"), a.Contest("G"), a.Join("G")); err != nil {
		t.Fatal(err)
	}
	s.say(zre.Message{Kind: zre.Ping})
	hello := s.heard()
	if hello.Kind != zre.Hello || hello.Seq != 1 || !strings.HasPrefix(hello.Endpoint, "tcp://127.0.0.1:") || hello.Endpoint != a.Endpoint() ||
		len(hello.Groups) != 1 || hello.Status != 1 || hello.Name != "alice" || hello.Headers["X-ROLE"] != "server" {
		t.Errorf("HELLO %+v", hello)
	}
	for i, want := range []zre.Message{
		{Kind: zre.Whisper, Content: [][]byte{{}}},
		{Kind: zre.Shout, Group: "G", Content: [][]byte{[]byte("x"), []byte("y")}},
		{Kind: zre.Join, Group: "other", Status: 2},
		{Kind: zre.Leave, Group: "room", Status: 3},
		{Kind: zre.Join, Group: "G", Status: 4},
		{Kind: zre.Elect, Group: "G", Node: a.ID().String()},
		{Kind: zre.PingOK},
	} {
		want.Seq = uint16(2 + i)
		got := s.heard()
		g, _ := got.Frames()
		w, _ := want.Frames()
		if got.Kind != want.Kind || !bytes.Equal(bytes.Join(g, nil), bytes.Join(w, nil)) {
			t.Errorf("%v %+v, want %+v", got.Kind, got, want)
		}
	}
	a.Close()
	if got := s.heard(); got.Kind != zre.Goodbye {
		t.Errorf("at the end: %+v", got)
	}
}

// A peer that takes nothing makes who whispers to it wait, as long as it wants to, and
// nobody else; what was promised arrives when it reads again.
func TestBackpressure(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a := begun(t, port, "a", WithSendHWM(10))
	b := begun(t, port, "b")
	meet(t, a, b)
	ea, eb := listen(t, a), listen(t, b)
	ea.order(Enter)
	eb.order(Enter)
	s := newSpeaker(t, a, 9)
	s.hello()
	ea.order(Enter)
	s.say(zre.Message{Kind: zre.Join, Group: "G", Status: 1})
	ea.order(Join)
	if err := b.Join("G"); err != nil {
		t.Fatal(err)
	}
	ea.order(Join)
	payload := strings.Repeat("x", 100_000)
	var sent []zre.Kind
	full := func(kind zre.Kind, send func(context.Context) error) bool {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		err := send(short)
		switch {
		case err == nil:
			sent = append(sent, kind)
		case !errors.Is(err, context.DeadlineExceeded) || kind == zre.Shout && !strings.Contains(err.Error(), "1 of 2"):
			t.Fatal(err)
		}
		return err != nil
	}
	for { // a whisper that found no room in time may have met a busy machine: the shout shows it
		for !full(zre.Whisper, func(ctx context.Context) error { return a.Whisper(ctx, ID(s.id), msg.NewString(payload)) }) {
		}
		late := full(zre.Shout, func(ctx context.Context) error { return a.Shout(ctx, "G", msg.NewString(payload)) })
		eb.order(Shout)
		if late {
			break
		}
	}
	if e := s.heard(); e.Kind != zre.Hello {
		t.Errorf("first %v", e.Kind)
	}
	for _, kind := range sent {
		if m := s.heard(); m.Kind != kind || len(m.Content[0]) != len(payload) {
			t.Fatalf("%v of %d frames, want %v", m.Kind, len(m.Content), kind)
		}
	}
	if err := a.Whisper(ctx, ID(s.id), msg.NewString("again")); err != nil {
		t.Error(err)
	}
}

// A message that a node would not take is not sent, and said to be too large; the largest
// that is allowed arrives, and the peer stays.
func TestMaxMessage(t *testing.T) {
	t.Parallel()
	port, ctx := network(t), ztest.Within(t)
	a := begun(t, port, "a", WithMaxMessage(3, 1000))
	b := begun(t, port, "b", WithMaxMessage(3, 1000), WithGroups("room"))
	meet(t, a, b)
	eb := listen(t, b)
	for name, m := range map[string]msg.Msg{"frames": msg.NewString("", "", "", ""), "bytes": msg.New(make([]byte, 1001))} {
		if err := a.Whisper(ctx, b.ID(), m); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "WithMaxMessage") {
			t.Errorf("%s: whisper: %v", name, err)
		}
		if err := a.Shout(ctx, "room", m); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: shout: %v", name, err)
		}
	}
	if err := a.Whisper(ctx, b.ID(), msg.New(make([]byte, 998), nil, []byte("xx"))); err != nil {
		t.Fatal(err)
	}
	eb.order(Enter, Whisper)
}
