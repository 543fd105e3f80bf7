package zmq_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Whether one peer of a ROUTER has room is known before anything is sent.
func TestHasRoom(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router, zmq.WithSendHWM(2), zmq.WithSendBuffer(4096))
		slow := k.open(zmq.Dealer, zmq.WithRoutingID("slow"), zmq.WithRecvHWM(2), zmq.WithRecvBuffer(4096))
		k.ok(k.dial(slow, endpoint))
		quick := k.open(zmq.Dealer, zmq.WithRoutingID("quick"))
		k.ok(k.dial(quick, endpoint))
		k.linked(slow, quick)
		k.ok(router.WaitConnected(k.ctx, 2))
		_, err := router.HasRoom([]byte("nobody"))
		k.is(err, zmq.ErrHostUnreachable)
		body := make([]byte, 64<<10)
		for n := 0; ; n++ {
			room, err := router.HasRoom([]byte("slow"))
			k.ok(err)
			dropped := router.Stats().Drops.HWM
			k.ok(router.SendBytes(k.ctx, []byte("slow"), body))
			if room == (router.Stats().Drops.HWM > dropped) {
				t.Fatalf("message %d: room is said to be %v, and it was dropped: %v", n, room, !room)
			}
			if !room {
				break
			}
		}
		if room, err := router.HasRoom([]byte("quick")); err != nil || !room {
			t.Errorf("the other peer has room: %v, %v", room, err)
		}
		k.send(router, "quick", "is not held up")
		k.want(quick, "is not held up")
		rooms := map[string]bool{}
		for _, p := range router.Peers() {
			rooms[string(p.RoutingID)] = p.HasRoom
		}
		if rooms["slow"] || !rooms["quick"] {
			t.Errorf("Peers says %v", rooms)
		}
		_, err = quick.HasRoom([]byte("slow"))
		k.is(err, zmq.ErrNotSupported)
		k.ok(router.Close())
		_, err = router.HasRoom([]byte("quick"))
		k.is(err, zmq.ErrClosed)
	})
}

// A REQ and a REP say whose turn it is, and asking changes nothing.
func TestTurn(t *testing.T) {
	over(t, func(k *kit) {
		rep, endpoint := k.bound(zmq.Rep)
		req := k.connect(zmq.Req, endpoint)
		relaxed := k.open(zmq.Req, zmq.WithReqRelaxed(true))
		turns := func(step string, q, p zmq.PollEvents) {
			k.Helper()
			if req.Turn() != q || rep.Turn() != p {
				k.Errorf("%s: the REQ's turn is %v, want %v; the REP's %v, want %v", step, req.Turn(), q, rep.Turn(), p)
			}
		}
		turns("at first", zmq.PollOut, zmq.PollIn)
		k.send(req, "question")
		turns("asked", zmq.PollIn, zmq.PollIn)
		k.want(rep, "question")
		turns("heard", zmq.PollIn, zmq.PollOut)
		k.send(rep, "answer")
		turns("answered", zmq.PollIn, zmq.PollIn)
		k.want(req, "answer")
		turns("at the end", zmq.PollOut, zmq.PollIn)
		if relaxed.Turn() != zmq.PollOut {
			k.Errorf("a relaxed REQ: %v", relaxed.Turn())
		}
		k.ok(k.dial(relaxed, endpoint))
		k.send(relaxed, "question")
		if relaxed.Turn() != zmq.PollIn|zmq.PollOut {
			k.Errorf("a relaxed REQ that has asked: %v", relaxed.Turn())
		}
	})
	for typ, want := range map[zmq.Type]zmq.PollEvents{
		zmq.Pull: zmq.PollIn, zmq.Push: zmq.PollOut, zmq.Pub: zmq.PollOut, zmq.Sub: zmq.PollIn,
		zmq.Dealer: zmq.PollIn | zmq.PollOut, zmq.XSub: zmq.PollIn | zmq.PollOut,
	} {
		s, err := zmq.New(t.Context(), typ)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Turn(); got != want {
			t.Errorf("%s: %v, want %v", typ, got, want)
		}
		s.Close()
	}
}

// A face that is given a message part by part asks for room before the first part, keeps
// the parts, and sends them with the last one: while it has one user, as a socket in C
// does, nobody else takes the room meanwhile.
func TestPartsAreSentWhole(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(1), zmq.WithRecvBuffer(4096))
		push := k.joined(zmq.Push, endpoint, zmq.WithSendHWM(1), zmq.WithSendBuffer(4096))
		body := strings.Repeat("x", 20000)
		sent, refused := 0, 0
		for refused < 20 {
			if push.Poll()&zmq.PollOut == 0 { // EAGAIN for the first part
				refused++
				k.want(pull, "first", body, "last")
				sent--
				k.until("there is room", func() bool { return push.Poll()&zmq.PollOut != 0 })
			}
			parts := msg.NewString("first")
			parts.AppendString(body)
			parts.AppendString("last")
			k.ok(push.TrySend(parts)) // never ErrAgain
			sent++
		}
		for range sent {
			k.want(pull, "first", body, "last")
		}
	})
}

// Messages of one connection have one identity, which is that of the peer in Peers; all
// of the peer's properties can be listed.
func TestPeerIdentity(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		a := k.connect(zmq.Push, endpoint, zmq.WithMetadata("X-Role", "a"))
		b := k.connect(zmq.Push, endpoint, zmq.WithMetadata("X-Role", "b"))
		k.send(a, "a")
		k.send(b, "b")
		k.send(a, "a")
		k.send(b, "b")
		seen := map[msg.PeerID]string{}
		for range 4 {
			m, err := pull.Recv(k.ctx)
			k.ok(err)
			p, body := m.Peer(), string(m.Frames[0])
			if was, known := seen[p.ID()]; known && was != body {
				t.Errorf("%q and %q have one identity", was, body)
			}
			seen[p.ID()] = body
			all := p.Properties()
			for name, v := range all {
				if p.Property(name) != v {
					t.Errorf("%s is %q in Properties and %q as Property", name, v, p.Property(name))
				}
			}
			if all["Socket-Type"] != "PUSH" || all["Peer-Address"] != p.Property("Peer-Address") {
				t.Errorf("properties %v", all)
			}
			if k.scheme != "inproc" && (all["X-Role"] != body || p.FD() <= 0) {
				t.Errorf("properties %v, descriptor %d", all, p.FD())
			}
			if k.scheme == "tcp" {
				if host, _, err := net.SplitHostPort(p.RemoteAddr); err != nil || all["Peer-Address"] != host {
					t.Errorf("Peer-Address is %q of %s", all["Peer-Address"], p.RemoteAddr)
				}
			}
		}
		if len(seen) != 2 {
			t.Errorf("%d identities for two peers", len(seen))
		}
		for _, p := range pull.Peers() {
			if seen[p.ID] == "" || k.scheme != "inproc" && (p.FD <= 0 || k.scheme != "ipc" && p.Local == "") || p.Dialled {
				t.Errorf("peer %+v has sent nothing", p)
			}
		}
		if p := a.Peers(); len(p) != 1 || !p[0].Dialled {
			t.Errorf("the peers of who dials: %+v", p)
		}
	})
	if (msg.Msg{}).Peer().ID() != (msg.PeerID{}) || len((msg.Peer{}).Properties()) != 0 || (msg.Peer{}).FD() != 0 {
		t.Error("a message that was not received has a peer")
	}
}

// The kind of an endpoint error needs no reading of its text, which names the call, the
// endpoint and the rule once each.
func TestEndpointErrorKinds(t *testing.T) {
	k := alone(t, "tcp")
	pull, taken := k.bound(zmq.Pull)
	push := k.open(zmq.Push)
	bind := func(endpoint string) error { _, err := k.open(zmq.Pull).Bind(endpoint); return err }
	for name, c := range map[string]struct {
		err  error
		op   string
		kind zmq.EndpointFault
		is   error
	}{
		"syntax":        {bind("tcp://127.0.0.1"), "bind", zmq.FaultSyntax, zmq.ErrInvalidEndpoint},
		"wildcard":      {push.Connect("tcp://*:5555"), "connect", zmq.FaultSyntax, zmq.ErrInvalidEndpoint},
		"transport":     {push.Connect("abc://x"), "connect", zmq.FaultTransport, zmq.ErrInvalidEndpoint},
		"mismatch":      {push.Connect("udp://127.0.0.1:5555"), "connect", zmq.FaultMismatch, zmq.ErrInvalidEndpoint},
		"multicast":     {push.Connect("epgm://lo;239.192.1.1:5555"), "connect", zmq.FaultMismatch, zmq.ErrNotSupported},
		"authenticator": {bind("inproc://zeromq.zap.01"), "bind", zmq.FaultMismatch, zmq.ErrInvalidEndpoint},
		"in use":        {bind(taken), "bind", zmq.FaultInUse, zmq.ErrAddrInUse},
		"no address":    {bind("tcp://192.0.2.1:5555"), "bind", zmq.FaultUnavailable, syscall.EADDRNOTAVAIL},
		"no folder":     {bind("ipc:///nowhere/at/all"), "bind", zmq.FaultSystem, fs.ErrNotExist},
		"not bound":     {pull.Unbind("tcp://127.0.0.1:1"), "unbind", zmq.FaultUnknown, zmq.ErrNoEndpoint},
		"not dialled":   {push.Disconnect("tcp://127.0.0.1:1"), "disconnect", zmq.FaultUnknown, zmq.ErrNoEndpoint},
		"monitor":       {pull.MonitorSocket("tcp://127.0.0.1:*", zmq.EventAll), "monitor", zmq.FaultMismatch, zmq.ErrInvalidEndpoint},
	} {
		var e *zmq.EndpointError
		if !errors.As(c.err, &e) {
			t.Errorf("%s: %v is a %T", name, c.err, c.err)
			continue
		}
		text := e.Error()
		if e.Op != c.op || e.Kind != c.kind || !errors.Is(e, c.is) {
			t.Errorf("%s: %s of %s: %v", name, e.Op, e.Kind, e)
		}
		if !strings.HasPrefix(text, fmt.Sprintf("zmq: %s %q: ", e.Op, e.Endpoint)) ||
			strings.Count(text, e.Endpoint) != 1 || strings.Count(text, "zmq:") != 1 || strings.Count(text, "://") != 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
}
