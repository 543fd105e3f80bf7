package demo

import (
	"context"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// invited starts a demo, and a guest's socket that is connected to its first node.
func invited(t *testing.T) (*running, *zmq.Socket) {
	t.Helper()
	d := start(t, Options{Nodes: 2, Open: true})
	e := d.until("node-1 is there", is(eventStart, "node-1", ""))
	s, err := zmq.NewDealer(context.Background(), zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Connect(e.Detail); err != nil {
		t.Fatal(err)
	}
	return d, s
}

func say(t *testing.T, s *zmq.Socket, frames ...string) {
	t.Helper()
	if err := s.SendString(t.Context(), frames...); err != nil {
		t.Fatal(err)
	}
}

// What a guest calls itself is shown quoted and cut, and nothing that it sends
// harms the node or counts as lost.
func TestRudeGuest(t *testing.T) {
	t.Parallel()
	d, guest := invited(t)
	say(t, guest, "")
	say(t, guest, "WHISPER")
	say(t, guest, "ECHO", "18446744073709551616")
	say(t, guest, "ECHO", "1", "2", "3")
	say(t, guest, "HELLO", "\x1b[2J"+strings.Repeat("evil", 10_000))
	say(t, guest, "HELLO", "again")

	e := d.until("the guest joined", is(eventJoin, "node-1", ""))
	if want := `"\x1b[2J` + strings.Repeat("evil", 7) + `"`; e.Peer != want {
		t.Errorf("the guest is shown as %s, want %s", e.Peer, want)
	}
	// It is whispered to, and never answers.
	for {
		m, err := guest.Recv(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(m.Frames[0]) == msgWhisper {
			break
		}
	}
	guest.Close()
	d.until("the guest departed", is(eventDepart, "node-1", e.Peer))
	d.interrupt()
	if s := d.end(); len(s.Failed) > 0 || s.Restarts != 0 {
		t.Errorf("summary %+v", s)
	}
	for _, l := range d.raw {
		if strings.ContainsRune(l, '\x1b') || strings.Contains(l, strings.Repeat("evil", 8)) {
			t.Errorf("line %q is as the guest wants it", l)
		}
	}
}

// Who claims to have news, but no beacon, is answered and otherwise ignored; so is
// where it says its news are.
func TestImpostor(t *testing.T) {
	t.Parallel()
	d, guest := invited(t)
	say(t, guest, "HELLO", "node-2", "tcp://192.0.2.1:1")
	m, err := guest.Recv(t.Context())
	if err != nil || m.Len() != 3 || m.PopString() != msgHello || m.PopString() != "node-1" {
		t.Fatalf("answer %v, %v", m, err)
	}
	guest.Close()
	d.until("all is well", func(s shown) bool {
		return len(s.Rows) == 2 && s.Rows[0].Peers == 1 && s.Rows[1].Peers == 1
	})
	d.interrupt()
	d.end()
	if j := d.all(is(eventJoin, "", "")); len(j) > 0 {
		t.Errorf("it joined: %+v", j)
	}
}
