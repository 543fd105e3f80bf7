package zmq_test

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// The books balance: what was sent is received, waits, or was dropped.
func TestBooksOfAPipeline(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		for i := range 100 {
			k.send(push, fmt.Sprintf("%04d", i), "body")
		}
		k.until("they have arrived", func() bool { return pull.Stats().Unread == 100 })
		for range 40 {
			k.recv(pull)
		}
		k.until("the queue is empty", func() bool { return push.Stats().Queued == 0 })
		out, in := push.Stats(), pull.Stats()
		if out.Sent != 100 || out.SentBytes != 800 || out.Queued != 0 || out.Connected != 1 || out.Drops.Total() != 0 {
			t.Errorf("the sender's books: %+v", out)
		}
		if in.Received != 40 || in.ReceivedBytes != 320 || in.Unread != 60 || in.Connected != 1 || in.Drops.Total() != 0 {
			t.Errorf("the receiver's books: %+v", in)
		}
		pull.Poll() // looks at one and keeps it
		if n := pull.Stats().Unread; n != 60 {
			t.Errorf("%d are unread after a Poll, want 60", n)
		}
		for range 60 {
			k.recv(pull)
		}
		if in = pull.Stats(); in.Received != 100 || in.Unread != 0 {
			t.Errorf("the receiver's books at the end: %+v", in)
		}
		if k.scheme != "inproc" && (in.Handshakes != 1 || out.Handshakes != 1) {
			t.Errorf("%d and %d handshakes, want 1 each", in.Handshakes, out.Handshakes)
		}
	})
}

// For each subscriber: sent = received + dropped.
func TestBooksOfAPublisher(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(50))
		sub := k.connect(zmq.Sub, endpoint, zmq.WithRecvHWM(50))
		k.ok(sub.Subscribe("x"))
		k.ok(pub.WaitSubscribers(k.ctx, "x", 1))
		const total = 5000
		body := make([]byte, 2000)
		for i := range total {
			k.ok(pub.SendBytes(k.ctx, fmt.Append([]byte("x"), i), body))
		}
		dropped := int(pub.Stats().Drops.HWM)
		if dropped == 0 {
			t.Error("nothing was dropped; the test has no point")
		}
		last := -1
		for range total - dropped {
			n := 0
			fmt.Sscanf(k.recv(sub)[0], "x%d", &n)
			if n <= last {
				t.Fatalf("got %d after %d", n, last)
			}
			last = n
		}
		k.silent(sub)
		k.until("the queue is empty", func() bool { return pub.Stats().Queued == 0 })
		if st := pub.Stats(); st.Sent != total || int(st.Drops.Total()) != dropped {
			t.Errorf("books %+v", st)
		}
	})
}

func TestBooksOfARouter(t *testing.T) {
	k := alone(t, "inproc")
	router, endpoint := k.bound(zmq.Router, zmq.WithSendHWM(2))
	joe := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"), zmq.WithRecvHWM(2))
	for range 10 {
		k.send(router, "joe", "x")
		k.send(router, "nobody", "x")
	}
	st := router.Stats()
	if st.Sent != 20 || st.Drops.HWM != 6 || st.Drops.NoRoute != 10 || joe.Stats().Unread != 4 {
		t.Errorf("books %+v and %+v", st, joe.Stats())
	}
}

// A peer that is lost takes what was queued for it along, which is counted.
func TestLostQueueIsCounted(t *testing.T) {
	wired(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push, zmq.WithSendBuffer(16<<10))
		r := k.dialRaw(endpoint)
		r.handshake("PULL")
		k.ok(push.WaitConnected(k.ctx, 1))
		for range 100 {
			k.ok(push.TrySend(msg.New(make([]byte, 50_000))))
		}
		k.until("the kernel takes no more", k.steady(func() int { return push.Stats().Queued }))
		queued := push.Stats().Queued
		k.ok(r.nc.Close())
		k.until("the loss is noticed", func() bool { return push.Stats().Connected == 0 && len(push.Peers()) == 0 })
		// Of what counted as queued a part had been written.
		if n := push.Stats().Drops.PeerGone; n == 0 || int(n) > queued {
			t.Errorf("%d were queued and %d counted as lost", queued, n)
		}
	})
}

func TestPeers(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		if n := len(router.Peers()); n != 0 {
			t.Errorf("a new socket has %d peers", n)
		}
		dealer := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
		k.linked(router)
		peers := router.Peers()
		if len(peers) != 1 {
			t.Fatalf("%d peers, want 1", len(peers))
		}
		p := peers[0]
		if p.Endpoint != endpoint || string(p.RoutingID) != "joe" || p.Type != "DEALER" || p.Mechanism != k.mechanism() ||
			!p.Connected || p.Since.IsZero() || p.UserID != "" || p.Queued != 0 || p.Unread != 0 {
			t.Errorf("the router's peer is %+v", p)
		}
		if k.scheme != "ipc" && p.Remote == "" {
			t.Error("the peer has no address")
		}
		other := k.endpoint()
		k.ok(k.dial(dealer, other))
		for range 10 {
			k.send(dealer, "x")
		}
		k.until("half has arrived", func() bool {
			return router.Stats().Unread == 5 && dealer.Stats().Queued == 5
		})
		k.until("what waits is with the one that is away", func() bool {
			for _, p := range dealer.Peers() {
				if p.Connected != (p.Endpoint == endpoint) || (p.Queued == 5) != (p.Endpoint == other) {
					return false
				}
			}
			return true
		})
		if n := router.Peers()[0].Unread; n != 5 {
			t.Errorf("%d are unread, want 5", n)
		}
		m, err := router.Recv(k.ctx)
		k.ok(err)
		if p := m.Peer(); p.SocketType != "DEALER" || p.Mechanism != k.mechanism() || p.UserID != "" {
			t.Errorf("the message is from %+v", p)
		}
		if (msg.Msg{}).Peer().SocketType != "" {
			t.Error("a message that was not received has a peer")
		}
	})
}

func TestStatsAfterClose(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		k.send(push, "x")
		k.want(pull, "x")
		k.ok(push.Close())
		k.ok(pull.Close())
		if push.Stats().Sent != 1 || pull.Stats().Received != 1 || len(pull.Peers()) != 0 {
			t.Errorf("after Close: %+v, %+v", push.Stats(), pull.Stats())
		}
	})
}
