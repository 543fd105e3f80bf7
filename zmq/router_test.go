package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// onlyID is what a ROUTER calls its only peer.
func onlyID(k *kit, router *zmq.Socket) string {
	k.Helper()
	k.ok(router.WaitConnected(k.ctx, 1))
	for _, p := range router.Peers() {
		if p.Connected {
			return string(p.RoutingID)
		}
	}
	k.Fatal("the ROUTER has no peer")
	return ""
}

// A second peer of the same name is refused, and the first keeps its messages.
func TestDuplicateIDIsRefused(t *testing.T) {
	networked(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		events := k.watch(router, zmq.EventHandshakeFailedNoDetail)
		first := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
		k.send(first, "i am first")
		k.want(router, "joe", "i am first")
		second := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"), zmq.WithReconnectInterval(10*time.Millisecond, 0))
		e := events.next()
		if e.Err == nil || e.Endpoint != endpoint || e.Remote == "" && k.scheme == "tcp" {
			t.Errorf("event %+v does not tell who was refused and why", e)
		}
		k.mentions(e.Err, `"joe"`)
		k.send(router, "joe", "to the first")
		k.want(first, "to the first")
		k.silent(second)

		k.ok(first.Close()) // now the name is free
		k.until("the second is let in", func() bool {
			// What it sends over a connection that is then refused is lost.
			_ = second.TrySend(msg.NewString("i am second"))
			m, err := router.TryRecv()
			return err == nil && same(text(m), []string{"joe", "i am second"})
		})
		k.send(router, "joe", "to the second")
		k.want(second, "to the second")
	})
}

// In one process there is no time between: the second one waits, both sides are told,
// and what it has to send comes when the name is free, whoever had it.
func TestDuplicateIDIsRefusedInProcess(t *testing.T) {
	k := alone(t, "inproc")
	router, endpoint := k.bound(zmq.Router)
	first := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
	atRouter := k.watch(router, zmq.EventHandshakeFailedNoDetail)
	second := k.open(zmq.Dealer, zmq.WithRoutingID("joe"))
	atSecond := k.watch(second, zmq.EventHandshakeFailedNoDetail)
	k.ok(k.dial(second, endpoint))
	for _, w := range []*watcher{atRouter, atSecond} {
		e := w.next()
		k.mentions(e.Err, `"joe"`)
		if e.Endpoint != endpoint || e.Remote != endpoint {
			t.Errorf("event %v does not tell where", e)
		}
	}
	if n, m := router.Stats().HandshakesFailed, second.Stats().HandshakesFailed; n != 1 || m != 1 {
		t.Errorf("counted %d and %d refusals, want 1 and 1", n, m)
	}
	k.send(router, "joe", "hello")
	k.want(first, "hello")
	k.send(second, "from the second")
	k.silent(router)
	k.silent(second)
	if n := router.Stats().Connected; n != 1 {
		t.Errorf("the router has %d peers, want 1", n)
	}
	k.ok(first.Close())
	k.want(router, "joe", "from the second")
	k.send(router, "joe", "to the second")
	k.want(second, "to the second")

	tcp, err := router.Bind("tcp://127.0.0.1:*") // names are of the socket, not of the transport
	k.ok(err)
	ann := k.joined(zmq.Dealer, tcp, zmq.WithRoutingID("ann"))
	k.until("ann is there", func() bool { return router.Stats().Connected == 2 })
	other := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("ann"))
	k.send(other, "from the other")
	k.ok(ann.Close())
	k.want(router, "ann", "from the other")
}

// One that was refused links to whoever binds the name next, and can be closed.
func TestRefusedInProcessLinksToTheNext(t *testing.T) {
	k := alone(t, "inproc")
	router, endpoint := k.bound(zmq.Router)
	k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
	second := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
	third := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
	k.ok(third.Shutdown(k.ctx))
	k.send(second, "hello")
	k.ok(router.Close())
	pull := k.open(zmq.Router, zmq.WithRouterHandover(true))
	_, err := k.listen(pull, endpoint)
	k.ok(err)
	k.want(pull, "joe", "hello")
}

// With handover a routing id still belongs to the key that came with it: no user is
// known with WithAllowAnyKey, and another key is another peer.
func TestHandoverIsTheKeys(t *testing.T) {
	k := alone(t, "curve")
	router, endpoint := k.bound(zmq.Router, zmq.WithRouterHandover(true))
	events := k.watch(router, zmq.EventHandshakeFailedNoDetail)
	joe := func(keys *cert.Cert) *zmq.Socket {
		d := k.open(zmq.Dealer, zmq.WithRoutingID("joe"), zmq.WithReconnectInterval(-1, 0))
		k.ok(d.Connect(endpoint, zmq.WithCurveClient(keys, serverKeys().Public())))
		return d
	}
	own := newKeys()
	first := joe(own)
	k.ok(router.WaitConnected(k.ctx, 1))
	other := joe(newKeys())
	k.mentions(events.next().Err, `"joe"`, "another user")
	k.send(router, "joe", "to the first")
	k.want(first, "to the first")
	k.silent(other)
	second := joe(own)
	k.send(second, "me again")
	k.want(router, "joe", "me again")
}

func TestMandatoryWithAFullPeer(t *testing.T) {
	k := alone(t, "inproc")
	router, endpoint := k.bound(zmq.Router, zmq.WithRouterMandatory(true), zmq.WithSendHWM(1))
	joe := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"), zmq.WithRecvHWM(1))
	ann := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("ann"))
	k.send(router, "joe", "1")
	k.send(router, "joe", "2")
	k.is(router.TrySend(msg.NewString("joe", "3")), zmq.ErrAgain)
	k.send(router, "ann", "others are not held up")
	k.want(ann, "others are not held up")

	sent := k.blocked(func() error { return router.SendString(k.ctx, "joe", "3") })
	k.want(joe, "1")
	k.want(joe, "2")
	k.ok(k.result(sent))
	k.want(joe, "3")

	k.send(router, "joe", "4")
	k.send(router, "joe", "5")
	sent = k.blocked(func() error { return router.SendString(k.ctx, "joe", "6") })
	k.ok(joe.Close())
	k.is(k.result(sent), zmq.ErrHostUnreachable)
}

// A peer that is full loses messages without the mandatory option, each of them
// counted, and does not hold others up.
func TestFullPeerLosesMessages(t *testing.T) {
	k := alone(t, "inproc")
	router, endpoint := k.bound(zmq.Router, zmq.WithSendHWM(1))
	joe := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"), zmq.WithRecvHWM(1))
	ann := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("ann"), zmq.WithRecvHWM(1000))
	for i := range 10 {
		k.send(router, "joe", fmt.Sprint(i))
		if i < 2 {
			k.send(router, "ann", fmt.Sprint(i))
		}
	}
	k.want(joe, "0")
	k.want(joe, "1")
	k.silent(joe)
	k.want(ann, "0")
	k.want(ann, "1")
	if n := router.Stats().Drops.HWM; n != 8 {
		t.Errorf("counted %d drops, want 8", n)
	}
}

// The id frame is the receiver's, who may change it.
func TestIDFrameBelongsToTheReceiver(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		dealer := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
		for i := range 3 {
			k.send(dealer, fmt.Sprint(i))
			m, err := router.Recv(k.ctx)
			k.ok(err)
			if string(m.Frames[0]) != "joe" {
				t.Fatalf("message %d is from %q", i, m.Frames[0])
			}
			copy(m.Frames[0], "XXX")
			m.Frames[0] = append(m.Frames[0], "and more"...)
			k.send(router, "joe", "answer")
			k.want(dealer, "answer")
		}
	})
}

// A routing id alone sends nothing, and is no error, as in libzmq; it is counted.
func TestRoutingIDAlone(t *testing.T) {
	k := alone(t, "tcp")
	for _, typ := range []zmq.Type{zmq.Router, zmq.Stream} {
		s, _ := k.bound(typ)
		k.ok(s.SendString(k.ctx, "only an id"))
		k.ok(s.TrySend(msg.NewString("another")))
		if d := s.Stats().Drops; d.Malformed != 2 || d.Total() != 2 {
			t.Errorf("%s: drops %+v", typ, d)
		}
	}
}

// When another peer takes the place of one that a ROUTER was connected to, the
// old name leads nowhere.
func TestRouterForgetsTheNameOfALostPeer(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		router := k.connect(zmq.Router, endpoint, zmq.WithRouterMandatory(true), zmq.WithReconnectInterval(5*time.Millisecond, 0))
		for _, name := range []string{"joe", "ann"} {
			dealer := k.open(zmq.Dealer, zmq.WithRoutingID(name))
			_, err := k.listen(dealer, endpoint)
			k.ok(err)
			k.send(dealer, "hello")
			k.want(router, name, "hello")
			k.send(router, name, "answer")
			k.want(dealer, "answer")
			if name == "ann" {
				k.is(router.SendString(k.ctx, "joe", "x"), zmq.ErrHostUnreachable)
			}
			k.ok(dealer.Close())
		}
	})
}

// Many clients echo through one ROUTER, and Close ends its Recv.
func TestRouterEchoesMany(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		go func() {
			for {
				m, err := router.Recv(context.Background())
				if errors.Is(err, zmq.ErrClosed) {
					return
				}
				if err == nil {
					err = router.Send(k.ctx, m)
				}
				if err != nil {
					t.Error(err)
				}
			}
		}()
		const clients, each = 8, 200
		done := make(chan error, clients)
		for c := range clients {
			dealer := k.connect(zmq.Dealer, endpoint)
			go func() { done <- echoAll(k.ctx, dealer, fmt.Sprint(c), each) }()
		}
		for range clients {
			k.ok(k.result(done))
		}
		k.ok(router.Close())
	})
}

func echoAll(ctx context.Context, s *zmq.Socket, name string, n int) error {
	for i := range n {
		if err := s.Send(ctx, msg.NewString(name, fmt.Sprint(i))); err != nil {
			return err
		}
	}
	for i := range n {
		m, err := s.Recv(ctx)
		if err != nil {
			return err
		}
		if !same(text(m), []string{name, fmt.Sprint(i)}) {
			return fmt.Errorf("got %q, want %s %d", text(m), name, i)
		}
	}
	return nil
}
