package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// The tests of this file are the failures that were observed with go-zeromq/zmq4,
// one each, by the names of reference/performance.md.

// 300 messages to 3 peers: each peer got all 300.
func TestGoZeroMQPushBroadcast(t *testing.T)   { spread(t, zmq.Push, zmq.Pull) }
func TestGoZeroMQDealerBroadcast(t *testing.T) { spread(t, zmq.Dealer, zmq.Dealer) }

func spread(t *testing.T, from, to zmq.Type) {
	over(t, func(k *kit) {
		s, endpoint := k.bound(from)
		peers := []*zmq.Socket{k.connect(to, endpoint), k.connect(to, endpoint), k.connect(to, endpoint)}
		k.ok(s.WaitConnected(k.ctx, 3))
		for range 300 {
			k.send(s, "x")
		}
		for _, p := range peers {
			for range 100 {
				k.want(p, "x")
			}
			k.silent(p)
		}
	})
}

// A PAIR took two peers, and both got every message.
func TestGoZeroMQPairTwo(t *testing.T) {
	over(t, func(k *kit) {
		a, endpoint := k.bound(zmq.Pair)
		first := k.joined(zmq.Pair, endpoint)
		k.linked(a)
		second := k.connect(zmq.Pair, endpoint)
		for range 10 {
			k.send(a, "x")
		}
		for range 10 {
			k.want(first, "x")
		}
		k.silent(second)
		if n := a.Stats().Connected; n != 1 {
			t.Errorf("it has %d peers", n)
		}
	})
}

// After a restart of the server sends returned nil and were lost for ever, or
// deadlocked.
func TestGoZeroMQReconnect(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.connect(zmq.Push, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		for round := range 3 {
			pull := k.open(zmq.Pull)
			_, err := k.listen(pull, endpoint)
			k.ok(err)
			k.send(push, fmt.Sprint("round ", round))
			k.want(pull, fmt.Sprint("round ", round))
			k.linked(push)
			k.ok(pull.Close())
			k.until("the loss is noticed", func() bool { return push.Stats().Connected == 0 })
			for i := range 30 {
				k.send(push, fmt.Sprint(round, i))
			}
			pull = k.open(zmq.Pull)
			_, err = k.listen(pull, endpoint)
			k.ok(err)
			for i := range 30 {
				k.want(pull, fmt.Sprint(round, i))
			}
			k.linked(push)
			k.ok(pull.Close())
			k.until("the loss is noticed", func() bool { return push.Stats().Connected == 0 })
		}
	})
}

// With no live peer Send failed, or returned nil and lost the message.
func TestGoZeroMQPushDeadPeer(t *testing.T) {
	over(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push)
		sent := k.blocked(func() error { return push.SendString(k.ctx, "first") })
		pull := k.joined(zmq.Pull, endpoint)
		k.ok(k.result(sent))
		k.linked(push)
		k.want(pull, "first")
		k.ok(pull.Close())
		k.until("the loss is noticed", func() bool { return push.Stats().Connected == 0 })
		sent = k.blocked(func() error { return push.SendString(k.ctx, "second") })
		pull = k.connect(zmq.Pull, endpoint)
		k.ok(k.result(sent))
		k.want(pull, "second")
	})
}

// One PULL that did not read blocked all of them.
func TestGoZeroMQPushSlowPeer(t *testing.T) {
	wired(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push, zmq.WithSendHWM(100), zmq.WithSendBuffer(16<<10))
		stuck := k.dialRaw(endpoint)
		stuck.handshake("PULL")
		live := k.joined(zmq.Pull, endpoint)
		k.ok(push.WaitConnected(k.ctx, 2))
		go func() {
			for m := range live.Messages(k.ctx) {
				m.Release()
			}
		}()
		body := make([]byte, 4000)
		for range 1500 {
			k.ok(push.SendBytes(k.ctx, body))
		}
	})
}

// One stuck DEALER blocked the ROUTER for every other peer.
func TestGoZeroMQRouterSlowPeer(t *testing.T) {
	wired(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router, zmq.WithSendHWM(10), zmq.WithSendBuffer(16<<10))
		stuck := k.dialRaw(endpoint)
		stuck.handshake("DEALER")
		live := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("live"))
		k.ok(router.WaitConnected(k.ctx, 2))
		id := ""
		for _, p := range router.Peers() {
			if string(p.RoutingID) != "live" {
				id = string(p.RoutingID)
			}
		}
		body := make([]byte, 50_000)
		for range 100 {
			k.ok(router.SendBytes(k.ctx, []byte(id), body))
		}
		k.send(router, "live", "hello")
		k.want(live, "hello")
		if router.Stats().Drops.HWM == 0 {
			t.Error("nothing was dropped; the test has no point")
		}
	})
}

// One connection without a greeting stopped all further accepts.
func TestGoZeroMQAcceptHOL(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		for range 5 {
			k.dialRaw(endpoint)
		}
		push := k.connect(zmq.Push, endpoint)
		k.send(push, "hello")
		k.want(pull, "hello")
	})
}

// Inproc frames over 255 bytes broke the framing.
func TestGoZeroMQInproc255(t *testing.T) {
	k := alone(t, "inproc")
	pull, push := k.pair(zmq.Pull, zmq.Push)
	for n := 250; n < 260; n++ {
		k.ok(push.Send(k.ctx, pattern(n, 2)))
		m, err := pull.Recv(k.ctx)
		k.ok(err)
		if !m.Equal(pattern(n, 2)) {
			t.Errorf("2 frames of %d bytes came as %d of %d in all", n, m.Len(), m.Size())
		}
	}
}

// Inproc messages changed when the caller reused its buffer.
func TestGoZeroMQInprocAlias(t *testing.T) {
	k := alone(t, "inproc")
	pull, push := k.pair(zmq.Pull, zmq.Push)
	const total = 20_000
	go func() {
		b := make([]byte, 64)
		for i := range total {
			fill(b, byte(i))
			if err := push.SendBytes(k.ctx, b); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for i := range total {
		m, err := pull.Recv(k.ctx)
		k.ok(err)
		if !allAre(m.Frames[0], 64, byte(i)) {
			t.Fatalf("message %d was changed: %x", i, m.Frames[0])
		}
		m.Release()
	}
}

// Recv returned EOF when one of several peers left.
func TestGoZeroMQPullPeerEOF(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		stays := k.connect(zmq.Push, endpoint)
		for range 5 {
			leaves := k.connect(zmq.Push, endpoint)
			k.send(leaves, "bye")
			k.want(pull, "bye")
			got := k.blocked(func() error { _, err := pull.Recv(k.ctx); return err })
			k.ok(leaves.Close())
			k.until("it has left", func() bool { return pull.Stats().Connected == 1 })
			k.send(stays, "hello")
			k.ok(k.result(got))
		}
	})
}

// A REQ with two peers of which one died panicked.
func TestGoZeroMQReqIndex(t *testing.T) {
	over(t, func(k *kit) {
		req, endpoint := k.bound(zmq.Req)
		dies, lives := k.connect(zmq.Rep, endpoint), k.connect(zmq.Rep, endpoint)
		k.ok(req.WaitConnected(k.ctx, 2))
		k.ok(dies.Close())
		k.until("it has died", func() bool { return req.Stats().Connected == 1 })
		for range 5 {
			k.send(req, "ask")
			k.want(lives, "ask")
			k.send(lives, "answer")
			k.want(req, "answer")
		}
	})
}

// Two Sends in a row were taken; without a peer Send failed instead of waiting.
func TestGoZeroMQReqLockstep(t *testing.T) {
	over(t, func(k *kit) {
		req, endpoint := k.bound(zmq.Req)
		sent := k.blocked(func() error { return req.SendString(k.ctx, "ask") })
		rep := k.connect(zmq.Rep, endpoint)
		k.ok(k.result(sent))
		k.is(req.SendString(k.ctx, "again"), zmq.ErrState)
		k.want(rep, "ask")
	})
}

// A request was split at its last empty frame instead of its first.
func TestGoZeroMQRepEmptyFrame(t *testing.T) {
	over(t, func(k *kit) {
		rep, req := k.pair(zmq.Rep, zmq.Req)
		k.send(req, "a", "", "b")
		k.want(rep, "a", "", "b")
		k.send(rep, "ok")
		k.want(req, "ok")
	})
}

// A request without a delimiter made Recv fail.
func TestGoZeroMQRepMalformed(t *testing.T) {
	over(t, func(k *kit) {
		rep, dealer := k.pair(zmq.Rep, zmq.Dealer)
		got := k.blocked(func() error {
			m, err := rep.Recv(k.ctx)
			if err == nil && !same(text(m), []string{"good"}) {
				err = fmt.Errorf("got %q", text(m))
			}
			return err
		})
		k.send(dealer, "no delimiter")
		k.send(dealer, "", "good")
		k.ok(k.result(got))
	})
}

// 500 messages and Close: 22 arrived.
func TestGoZeroMQPubClose(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		sub := k.connect(zmq.Sub, endpoint)
		k.ok(sub.Subscribe(""))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		for i := range 500 {
			k.send(pub, fmt.Sprint(i))
		}
		k.ok(pub.Close())
		for i := range 500 {
			k.want(sub, fmt.Sprint(i))
		}
	})
}

// There was no way to publish without loss.
func TestGoZeroMQPubLoss(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub, zmq.WithXPubNoDrop(true))
		sub := k.connect(zmq.Sub, endpoint)
		k.ok(sub.Subscribe(""))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		const total = 20_000
		go func() {
			for i := range total {
				if err := pub.SendBytes(k.ctx, fmt.Append(nil, i)); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		for i := range total {
			got, err := sub.RecvString(k.ctx)
			k.ok(err)
			if got != fmt.Sprint(i) {
				t.Fatalf("got %s, want %d", got, i)
			}
		}
	})
}

// A second Listen took the place of the first.
func TestGoZeroMQTwoListens(t *testing.T) {
	over(t, func(k *kit) {
		pull, one := k.bound(zmq.Pull)
		two := k.bind(pull)
		for _, endpoint := range []string{one, two, one} {
			k.send(k.connect(zmq.Push, endpoint), endpoint)
			k.want(pull, endpoint)
		}
	})
}

// With a duplicate identity both peers got the message; an unknown one was dropped
// without a word.
func TestGoZeroMQSameID(t *testing.T) {
	over(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		first := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
		k.linked(router)
		second := k.connect(zmq.Dealer, endpoint, zmq.WithRoutingID("joe"))
		k.send(router, "joe", "hello")
		k.want(first, "hello")
		k.silent(second)
		k.send(router, "nobody", "hello")
		if n := router.Stats().Drops.NoRoute; n != 1 {
			t.Errorf("counted %d", n)
		}
		k.ok(router.Set(zmq.WithRouterMandatory(true)))
		k.is(router.SendString(k.ctx, "nobody", "hello"), zmq.ErrHostUnreachable)
	})
}

// Connect before Bind blocked for 2.5 seconds, and then failed.
func TestGoZeroMQDialDown(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.open(zmq.Push, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		k.ok(k.dial(push, endpoint))
		k.ok(push.SendString(ended, "hello")) // neither of them waits
		pull := k.open(zmq.Pull)
		_, err := k.listen(pull, endpoint)
		k.ok(err)
		k.want(pull, "hello")
	})
}

// PINGs surfaced as messages and were not answered.
func TestGoZeroMQHeartbeat(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		r := k.dialRaw(endpoint)
		r.handshake("PUSH")
		for range 3 {
			r.write("04 07 04 50494e47 0000")
			r.expect("PONG", "04 05 04 504f4e47")
		}
		k.silent(pull)
		r.write("00 05", text2hex("hello"))
		k.want(pull, "hello")
	})
}

// A frame's size was believed before its bytes had come, before any
// authentication.
func TestGoZeroMQFrameSize(t *testing.T) {
	wired(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		for _, size := range []string{"7fffffffffffffff", "ffffffffffffffff", "0000000100000000"} {
			r := k.dialRaw(endpoint)
			r.write(greeting3, "06", size)
			r.closed()
			r = k.dialRaw(endpoint)
			r.handshake("PUSH")
			r.write("02", size)
			r.closed()
		}
		k.silent(pull)
	})
}

// What go-zeromq does well is asked of us, too: many clients echo through one
// ROUTER, and Close ends Recv.
func TestGoZeroMQHeld(t *testing.T) {
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

// A stranger who sends HTTP gets no more than the door.
func TestGoZeroMQStranger(t *testing.T) {
	k := alone(t, "tcp")
	pull, endpoint := k.bound(zmq.Pull)
	nc, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "tcp://"))
	k.ok(err)
	defer nc.Close()
	_, err = io.WriteString(nc, "GET / HTTP/1.0\r\n\r\n")
	k.ok(err)
	k.raw(nc).closed()
	k.send(k.connect(zmq.Push, endpoint), "hello")
	k.want(pull, "hello")
}
