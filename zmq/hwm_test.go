package zmq_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Over inproc a queue holds the sender's mark and the receiver's together, and
// has no end when either is 0.
func TestHWMOverInproc(t *testing.T) {
	k := alone(t, "inproc")
	const plenty = 5000
	for _, c := range []struct{ send, recv, want int }{
		{1000, 1000, 2000}, {1, 1, 2}, {1, 2, 3}, {500, 1, 501}, {1, 0, plenty}, {0, 1, plenty}, {0, 0, plenty},
	} {
		for _, senderBinds := range []bool{true, false} {
			push, pull := k.open(zmq.Push, zmq.WithSendHWM(c.send)), k.open(zmq.Pull, zmq.WithRecvHWM(c.recv))
			if senderBinds {
				k.ok(k.dial(pull, k.bind(push)))
			} else {
				k.ok(k.dial(push, k.bind(pull)))
			}
			if n := k.fill(push, plenty); n != c.want {
				t.Errorf("%d and %d, sender binds %v: took %d messages, want %d", c.send, c.recv, senderBinds, n, c.want)
			}
			for i := range c.want {
				k.want(pull, fmt.Sprint(i))
			}
			k.silent(pull)
		}
	}
}

// A sender that was stopped goes on when half of the mark has been taken, and not
// after each message.
func TestHysteresis(t *testing.T) {
	k := alone(t, "inproc")
	push, endpoint := k.bound(zmq.Push, zmq.WithSendHWM(5))
	pull := k.connect(zmq.Pull, endpoint, zmq.WithRecvHWM(5))
	if n := k.fill(push, 100); n != 10 {
		t.Fatalf("took %d, want 10", n)
	}
	for i := range 4 {
		k.want(pull, fmt.Sprint(i))
		k.is(push.TrySend(msg.NewString("x")), zmq.ErrAgain)
	}
	k.want(pull, "4")
	if n := k.fill(push, 100); n != 5 {
		t.Errorf("took %d more, want 5", n)
	}
}

// Raising the mark lets those on who wait, on either side; lowering it drops
// nothing.
func TestSetHWMTakesEffectAtOnce(t *testing.T) {
	k := alone(t, "inproc")
	for _, side := range []string{"sender", "receiver"} {
		push, endpoint := k.bound(zmq.Push, zmq.WithSendHWM(2))
		pull := k.connect(zmq.Pull, endpoint, zmq.WithRecvHWM(2))
		k.fill(push, 100)
		sent := k.blocked(func() error { return push.SendString(k.ctx, "waited") })
		if side == "sender" {
			k.ok(push.Set(zmq.WithSendHWM(5)))
		} else {
			k.ok(pull.Set(zmq.WithRecvHWM(5)))
		}
		k.ok(k.result(sent))
		if n := k.fill(push, 100); n != 2 {
			t.Errorf("%s: took %d more, want 2", side, n)
		}
		k.ok(push.Set(zmq.WithSendHWM(1)))
		k.ok(pull.Set(zmq.WithRecvHWM(1)))
		k.is(push.TrySend(msg.NewString("x")), zmq.ErrAgain)
		for _, want := range []string{"0", "1", "2", "3", "waited", "0", "1"} {
			k.want(pull, want)
		}
		k.silent(pull)
		if n := k.fill(push, 100); n != 2 {
			t.Errorf("%s: with marks of 1 and 1 it took %d, want 2", side, n)
		}
	}
}

func TestSetSendHWMWithoutAPeer(t *testing.T) {
	over(t, func(k *kit) {
		push := k.connect(zmq.Push, k.endpoint(), zmq.WithSendHWM(1))
		k.send(push, "0")
		sent := k.blocked(func() error { return push.SendString(k.ctx, "1") })
		k.ok(push.Set(zmq.WithSendHWM(2)))
		k.ok(k.result(sent))
	})
}

// A receiver's mark holds up the wire, and a raised one lets it go on.
func TestRecvHWMOnTheWire(t *testing.T) {
	networked(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(3))
		push := k.connect(zmq.Push, endpoint)
		for i := range 100 {
			k.send(push, fmt.Sprint(i))
		}
		k.until("the queue is full", func() bool { return pull.Stats().Unread == 3 })
		k.ok(pull.Set(zmq.WithRecvHWM(10)))
		k.until("the queue is full again", func() bool { return pull.Stats().Unread == 10 })
		for i := range 100 {
			k.want(pull, fmt.Sprint(i))
		}
	})
}

// The queues are bounded in bytes as well.
func TestByteBounds(t *testing.T) {
	over(t, func(k *kit) {
		push := k.connect(zmq.Push, k.endpoint(), zmq.WithSendBytes(10_000))
		n := 0
		for ; n < 100; n++ {
			if errors.Is(push.TrySend(msg.New(make([]byte, 1000))), zmq.ErrAgain) {
				break
			}
		}
		if n != 10 {
			t.Errorf("10,000 bytes took %d messages of 1,000", n)
		}
	})
}

// A mark of 0 lifts the bound in bytes as well, unless that was set: libzmq
// has no second limit behind it.
func TestNoHWMNoByteBound(t *testing.T) {
	over(t, func(k *kit) {
		const more = 70 // MiB; the default is 64
		mib := make([]byte, 1<<20)
		fill := func(s *zmq.Socket) (n int) {
			for n < more && s.TrySend(msg.New(mib)) == nil {
				n++
			}
			return n
		}
		for _, c := range []struct {
			what string
			opts []zmq.Option
			want int
		}{
			{"the default", nil, 64},
			{"no mark", []zmq.Option{zmq.WithSendHWM(0)}, more},
			{"no mark and a bound", []zmq.Option{zmq.WithSendHWM(0), zmq.WithSendBytes(5 << 20)}, 5},
			{"no mark and the default set", []zmq.Option{zmq.WithSendHWM(0), zmq.WithSendBytes(64 << 20)}, 64},
		} {
			if n := fill(k.connect(zmq.Push, k.endpoint(), c.opts...)); n != c.want {
				t.Errorf("%s: took %d MiB, want %d", c.what, n, c.want)
			}
		}
		push := k.connect(zmq.Push, k.endpoint())
		fill(push)
		k.ok(push.Set(zmq.WithSendHWM(0)))
		if n := fill(push); n != more {
			t.Errorf("the mark was lifted, and %d MiB more were taken", n)
		}
	})
}

// The same for a receiver: a PUB loses nothing to a SUB that is late, however late,
// when neither has a mark.
func TestNoHWMLosesNothing(t *testing.T) {
	over(t, func(k *kit) {
		const size = 10_000
		count := ztest.Size(200, 200<<20/size)
		pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(0))
		sub := k.connect(zmq.Sub, endpoint, zmq.WithRecvHWM(0))
		k.ok(sub.Subscribe(""))
		k.ok(pub.WaitSubscribers(k.ctx, "", 1))
		body := make([]byte, size)
		for i := range count {
			binary.BigEndian.PutUint32(body, uint32(i))
			k.ok(pub.SendBytes(k.ctx, body))
		}
		for i := range count {
			m, err := sub.Recv(k.ctx)
			k.ok(err)
			if m.Size() != size || binary.BigEndian.Uint32(m.Frames[0]) != uint32(i) {
				t.Fatalf("message %d is not what was sent", i)
			}
			m.Release()
		}
		if n := pub.Stats().Drops.Total(); n != 0 {
			t.Errorf("%d messages were dropped", n)
		}
	})
}

// Options given to Bind and Connect are that endpoint's.
func TestHWMOfOneEndpoint(t *testing.T) {
	k := alone(t, "inproc")
	push := k.open(zmq.Push)
	endpoint := k.endpoint()
	_, err := k.listen(push, endpoint, zmq.WithSendHWM(1))
	k.ok(err)
	pull := k.open(zmq.Pull)
	k.ok(k.dial(pull, endpoint, zmq.WithRecvHWM(2)))
	if n := k.fill(push, 100); n != 3 {
		t.Errorf("took %d, want 3", n)
	}
}

func TestRecvHWMOfABoundEndpoint(t *testing.T) {
	networked(t, func(k *kit) {
		pull := k.open(zmq.Pull)
		endpoint, err := k.listen(pull, k.endpoint(), zmq.WithRecvHWM(4))
		k.ok(err)
		push := k.connect(zmq.Push, endpoint)
		for i := range 20 {
			k.send(push, fmt.Sprint(i))
		}
		k.until("the queue is full", func() bool { return pull.Stats().Unread == 4 })
		for i := range 20 {
			k.want(pull, fmt.Sprint(i))
		}
	})
}
