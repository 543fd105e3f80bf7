package zmq_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// A name stands wherever people read of the socket.
func TestName(t *testing.T) {
	k := alone(t, "tcp")
	nobody := k.endpoint()
	req := k.open(zmq.Req, zmq.WithName("orders"), zmq.WithReconnectInterval(time.Millisecond, time.Millisecond))
	k.ok(req.Connect(nobody))
	if req.Name() != "orders" || req.String() != `REQ "orders"` {
		t.Errorf("Name is %q, String is %s", req.Name(), req)
	}
	err := req.WaitConnected(k.impatient(func() bool { return req.Endpoint(nobody).Attempts > 0 }), 1)
	k.mentions(err, `wait on REQ "orders": no peer: `+nobody)
	_, err = req.Recv(k.ctx) // before a request
	k.mentions(err, `(recv on REQ "orders")`)
	k.ok(req.Set(zmq.WithName("bills")))
	_, err = req.Recv(k.ctx)
	k.mentions(err, `(recv on REQ "bills")`)
	k.send(req, "ask")
	k.ok(req.Set(zmq.WithLinger(0)))
	err = req.Close()
	var unsent *zmq.UnsentError
	if !errors.As(err, &unsent) || unsent.For[0].Socket != `REQ "bills"` {
		t.Fatalf("Close says %v", err)
	}
	k.mentions(err, `1 of REQ "bills" for `+nobody)
}

func TestNameRule(t *testing.T) {
	k := alone(t, "tcp")
	for _, name := range []string{strings.Repeat("x", 65), "a\nb", " a", "a\x00", "\x1b[31m", "a "} {
		_, err := zmq.New(k.zctx, zmq.Pull, zmq.WithName(name))
		k.is(err, zmq.ErrInvalidOption)
		k.mentions(err, "of 64 bytes at most, printable")
	}
	for _, name := range []string{"", "zwölf", strings.Repeat("x", 64), "two words"} {
		if s := k.open(zmq.Pull, zmq.WithName(name)); s.Name() != name {
			t.Errorf("%q became %q", name, s.Name())
		}
	}
	if s := k.open(zmq.Pull); s.String() != "PULL" || s.Settings().Name != "" {
		t.Errorf("without a name it is %s", s)
	}
}

// seen is the snapshot of a socket, found by its name.
func seen(name string) (s *registry.Snapshot) {
	registry.View(func(one *registry.Snapshot) bool {
		if one.Name == name {
			s = one
		}
		return true
	})
	return s
}

func number(s *registry.Snapshot, name, label string) float64 {
	for _, n := range s.Numbers {
		if n.Name == name && n.Label == label {
			return n.Value
		}
	}
	return -1
}

// What can be seen of a socket from outside, from its first moment to its last.
func TestSeenFromOutside(t *testing.T) {
	k := alone(t, "tcp")
	name := fmt.Sprint("seen from outside ", rand.Uint64()) // totals of a name stay for ever
	pull := k.open(zmq.Pull, zmq.WithName(name))
	if s := seen(name); s == nil || s.Kind != "socket" || s.Type != "PULL" || s.State != "idle" || time.Since(s.Born) > ztest.Patience {
		t.Fatalf("a new socket is seen as %+v", s)
	}
	at := k.bind(pull)
	if s := seen(name); s.State != "listening" || len(s.Links) != 1 || s.Links[0].Role != registry.Bound || s.Links[0].Endpoint != at {
		t.Errorf("a bound socket is seen as %+v", s)
	}
	push := k.open(zmq.Push)
	k.ok(push.Connect(at))
	k.send(push, "0123456789")
	k.until("it is there", func() bool { return pull.Stats().Unread == 1 })
	s := seen(name)
	if s.State != "ready" || len(s.Links) != 2 || s.Links[1].Role != registry.Peer || s.Links[1].ReceivedMessages != 1 || s.Links[1].Unread != 1 {
		t.Errorf("a socket with a peer is seen as %+v", s)
	}
	k.recv(pull)
	if n := number(seen(name), "messages", "in"); n != 1 {
		t.Errorf("%v messages are counted", n)
	}
	k.ok(pull.Close())
	if s := seen(name); s != nil {
		t.Errorf("a closed socket is seen as %+v", s)
	}
	gone := registry.View(func(*registry.Snapshot) bool { return true })
	if i := slices.IndexFunc(gone, func(g registry.Gone) bool { return g.Name == name }); i < 0 || gone[i].Count != 1 ||
		!slices.Contains(gone[i].Numbers, registry.Number{Name: "messages", Label: "in", Value: 1, Total: true}) {
		t.Errorf("what it has counted is not kept: %+v", gone)
	}
}

// Metrics have every reason that Stats has.
func TestSeenReasons(t *testing.T) {
	k := alone(t, "inproc")
	const name = "reasons are seen"
	k.open(zmq.Pull, zmq.WithName(name))
	s := seen(name)
	for group, list := range map[string][]figures.Figure{"drops": figures.List(zmq.Drops{}), "handshakeFailures": figures.List(zmq.HandshakeFailures{})} {
		for _, f := range list {
			if number(s, group, f.Name) != 0 {
				t.Errorf("%s of a socket lack %s", group, f.Name)
			}
		}
	}
}

func TestContextSockets(t *testing.T) {
	k := alone(t, "inproc")
	a, b := k.open(zmq.Pull), k.open(zmq.Push)
	if list := k.zctx.Sockets(); len(list) != 2 || !slices.Contains(list, a) || !slices.Contains(list, b) {
		t.Errorf("the context has %v", list)
	}
	k.ok(a.Close())
	if list := k.zctx.Sockets(); len(list) != 1 || list[0] != b {
		t.Errorf("the context has %v", list)
	}
}

// Peers says of each peer how things stand, and what has gone each way, also over
// earlier connections.
func TestPeersSayHowThingsStand(t *testing.T) {
	networked(t, func(k *kit) {
		at := k.endpoint()
		quick := zmq.WithReconnectInterval(time.Millisecond, time.Millisecond)
		dealer := k.open(zmq.Dealer, quick)
		k.ok(k.dial(dealer, at))
		k.until("two attempts have failed", func() bool { return dealer.Peers()[0].Attempts >= 2 })
		p := dealer.Peers()[0]
		if p.Connected || p.LastError == nil || p.State != zmq.EndpointWaiting && p.State != zmq.EndpointDialing {
			k.Errorf("a peer that is not there: %+v", p)
		}
		for round := range uint64(2) {
			other := k.open(zmq.Dealer)
			_, err := k.listen(other, at)
			k.ok(err)
			k.send(dealer, "12345")
			k.recv(other)
			k.send(other, "123")
			k.recv(dealer)
			p := dealer.Peers()[0]
			if p.State != zmq.EndpointReady || p.LastError != nil || p.Attempts != 0 {
				k.Errorf("a peer that is there: %+v", p)
			}
			k.until("the writer has counted", func() bool { p = dealer.Peers()[0]; return p.SentMessages == round+1 })
			if p.ReceivedMessages != round+1 || p.SentBytes != 5*(round+1) || p.ReceivedBytes < 3*(round+1) {
				k.Errorf("round %d: traffic is %+v", round, p)
			}
			k.ok(other.Close())
			k.until("it is gone", func() bool { return !dealer.Peers()[0].Connected })
			if p := dealer.Peers()[0]; p.LastError == nil || p.SentMessages != round+1 {
				k.Errorf("a peer that is gone: %+v", p)
			}
		}
	})
}

// Stats have names in every form that they are printed in.
func TestStatsHaveNames(t *testing.T) {
	st := zmq.Stats{Sent: 3, Drops: zmq.Drops{HWM: 2}}
	for _, text := range []string{st.String(), fmt.Sprint(st), fmt.Sprintf("%+v", st)} {
		if text != "sent=3 drops.hwm=2" {
			t.Errorf("printed as %q", text)
		}
	}
	b, err := json.Marshal(st)
	var back zmq.Stats
	if err != nil || json.Unmarshal(b, &back) != nil || back != st || !bytes.Contains(b, []byte(`"drops":{"hwm":2,`)) {
		t.Errorf("%v: JSON is %s, and read back %+v", err, b, back)
	}
	var line bytes.Buffer
	slog.New(slog.NewTextHandler(&line, nil)).Info("x", "stats", st)
	if !strings.Contains(line.String(), "stats.sent=3") || !strings.Contains(line.String(), "stats.drops.hwm=2") {
		t.Errorf("slog writes %s", &line)
	}
}
