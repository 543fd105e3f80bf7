package gossip

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/gossip/internal/frame"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// raw connects to a node with a bare socket.
func raw(t testing.TB, at string) *zmq.Socket {
	t.Helper()
	s, err := zmq.NewDealer(t.Context(), zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Connect(at); err != nil {
		t.Fatal(err)
	}
	return s
}

func sent(t testing.TB, s *zmq.Socket, b []byte) {
	t.Helper()
	if err := s.SendBytes(ztest.Within(t), b); err != nil {
		t.Fatal(err)
	}
}

func bytesOf(t testing.TB, m frame.Message) []byte {
	t.Helper()
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A client that says what the ROUTER says of clients that have gone, an empty frame, is
// malformed: it does not come back as a new one, without its bar.
func TestForgedNotice(t *testing.T) {
	t.Parallel()
	a, at := begun(t, WithBar(ztest.Patience))
	s := raw(t, at)
	sent(t, s, []byte("rubbish"))
	ztest.Eventually(t, "it is barred", func() bool { return a.Stats().Malformed == 1 })
	sent(t, s, nil)
	sent(t, s, bytesOf(t, frame.Message{Kind: frame.Hello}))
	sent(t, s, bytesOf(t, frame.Message{Kind: frame.Publish, Key: "k", Value: "v"}))
	ztest.Eventually(t, "it is not heard", func() bool { return a.Stats().Barred == 3 })
	if got := tuples(a); got != "map[]" {
		t.Errorf("the node has %s", got)
	}
}

// A stranger fills what a stranger may fill, and an honest peer that comes later finds
// room, on the same address and from the own program.
func TestStrangerFillsTable(t *testing.T) {
	t.Parallel()
	a, at := begun(t, WithMaxKeys(1600), WithShares(0.5, 1))
	s := raw(t, at)
	sent(t, s, bytesOf(t, frame.Message{Kind: frame.Hello, Ours: true}))
	for i := range 3000 {
		sent(t, s, bytesOf(t, frame.Message{Kind: frame.Publish, Key: fmt.Sprint("junk", i), Value: "v", Ours: true, Number: 5}))
	}
	ztest.Eventually(t, "it has its share", func() bool { s := a.Stats(); return s.Tuples == 800 && s.OverShare == 2200 })
	other := raw(t, at)
	sent(t, other, bytesOf(t, frame.Message{Kind: frame.Hello, Ours: true}))
	for i := range 3000 {
		sent(t, other, bytesOf(t, frame.Message{Kind: frame.Publish, Key: fmt.Sprint("more", i), Value: "v", Ours: true, Number: 5}))
	}
	ztest.Eventually(t, "both have the table", func() bool { s := a.Stats(); return s.Tuples == 1500 && s.KeysFull+s.OverShare == 2200+2250 })
	b := made(t, t.Context())
	publish(t, b, "good", "1")
	connect(t, b, at)
	publish(t, a, "own", "2")
	ztest.Eventually(t, "the honest are served", func() bool {
		good, ok := a.Get("good")
		own, got := b.Get("own")
		return ok && got && good.Value == "1" && own.Value == "2"
	})
	if s := a.Stats(); s.Evicted == 0 || s.Bytes == 0 {
		t.Errorf("%+v", s)
	}
}
