package demo

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
)

// invited starts a demo, and a guest's socket that is connected to its first node,
// by nothing but what the invitation says.
func invited(t *testing.T) (*running, *zmq.Socket) {
	t.Helper()
	d := start(t, Options{Nodes: 2, Open: true})
	e := d.until("node-1 is there", is(eventStart, "node-1", ""))
	invite := d.until("the invitation", func(s shown) bool { return s.Type == "invite" })
	own, server := lent(t, invite.Command)
	s, err := zmq.NewDealer(context.Background(), zmq.WithLinger(0), zmq.WithCurveClient(own, server.Public()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Connect(e.Detail); err != nil {
		t.Fatal(err)
	}
	return d, s
}

var loaded = regexp.MustCompile(`load\('([^']*)'\)`)

// lent loads the two certificates that a command loads. Who may read a secret one is
// checked by Load.
func lent(t *testing.T, command string) (own, server *cert.Cert) {
	t.Helper()
	files := loaded.FindAllStringSubmatch(command, -1)
	if len(files) != 2 {
		t.Fatalf("%q loads %d files", command, len(files))
	}
	own, err := cert.Load(files[0][1])
	if err != nil {
		t.Fatal(err)
	}
	if server, err = cert.Load(files[1][1]); err != nil {
		t.Fatal(err)
	}
	if own.Verify() != nil || server.HasSecret() {
		t.Fatalf("the guest has %v, the server's certificate has a secret: %v", own.Verify(), server.HasSecret())
	}
	return own, server
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
	say(t, guest, "HELLO", "and again")
	say(t, guest, "HELLO", "python")

	lie := d.until("the guest lied", is(eventLie, "node-1", ""))
	if want := `claims to be "\x1b[2J` + strings.Repeat("evil", 7) + `"`; lie.Peer != "python" || lie.Detail != want {
		t.Errorf("the guest is shown as %s, who %s; want python, who %s", lie.Peer, lie.Detail, want)
	}
	e := d.until("the guest joined", is(eventJoin, "node-1", "python"))
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
	if n := len(d.all(is(eventLie, "", ""))); n != 1 {
		t.Errorf("%d lies of one guest are shown", n)
	}
	for _, l := range d.raw {
		if strings.ContainsRune(l, '\x1b') || strings.Contains(l, strings.Repeat("evil", 8)) {
			t.Errorf("line %q is as the guest wants it", l)
		}
	}
}

// Who claims another's name is shown as who he is, and not answered.
func TestFalseName(t *testing.T) {
	t.Parallel()
	d, guest := invited(t)
	say(t, guest, "HELLO", "node-2", "tcp://127.0.0.1:1")
	lie := d.until("the lie", is(eventLie, "node-1", ""))
	if lie.Peer != "python" || lie.Detail != "claims to be node-2" {
		t.Errorf("%+v", lie)
	}
	if m, err := guest.TryRecv(); !errors.Is(err, zmq.ErrAgain) {
		t.Errorf("it was answered: %v, %v", m, err)
	}
	d.interrupt()
	if s := d.end(); len(s.Failed) > 0 || len(d.all(is(eventJoin, "", ""))) > 0 {
		t.Errorf("summary %+v", s)
	}
}

// Nobody gets in without a key.
func TestWithoutKey(t *testing.T) {
	t.Parallel()
	d := start(t, Options{Nodes: 2, Duration: time.Hour})
	e := d.until("node-1 is there", is(eventStart, "node-1", ""))
	s, err := zmq.NewDealer(t.Context(), zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failures := s.Events(ctx, zmq.EventHandshakeFailedProtocol|zmq.EventHandshakeFailedNoDetail|zmq.EventHandshakeSucceeded)
	if err := s.Connect(e.Detail); err != nil {
		t.Fatal(err)
	}
	for e := range failures {
		if e.Kind == zmq.EventHandshakeSucceeded {
			t.Error("it got in")
		}
		break
	}
	d.interrupt()
	d.end()
}

// Who claims to have news, but no beacon, is answered and otherwise ignored; so is
// where it says its news are.
func TestImpostor(t *testing.T) {
	t.Parallel()
	d, guest := invited(t)
	say(t, guest, "HELLO", "python", "tcp://192.0.2.1:1")
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
