package zmq_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// subscribers is how many peers want a topic, up to 3.
func (k *kit) subscribers(pub *zmq.Socket, topic string) int {
	for n := 3; n > 0; n-- {
		if pub.WaitSubscribers(ended, topic, n) == nil {
			return n
		}
	}
	return 0
}

func TestEachSubscriberGetsItsOwn(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		a, b, all := k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)
		k.ok(a.Subscribe("a"))
		k.ok(b.Subscribe("b"))
		k.ok(all.Subscribe(""))
		k.ok(pub.WaitSubscribers(k.ctx, "a", 2))
		k.ok(pub.WaitSubscribers(k.ctx, "b", 2))
		for i := range 100 {
			k.send(pub, fmt.Sprint("a", i))
			k.send(pub, fmt.Sprint("b", i))
		}
		for i := range 100 {
			k.want(a, fmt.Sprint("a", i))
			k.want(b, fmt.Sprint("b", i))
			k.want(all, fmt.Sprint("a", i))
			k.want(all, fmt.Sprint("b", i))
		}
	})
}

// What two subscribers of one process receive are independent copies.
func TestSubscribersMayChangeWhatTheyGet(t *testing.T) {
	k := alone(t, "inproc")
	pub, endpoint := k.bound(zmq.Pub)
	a, b := k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)
	for _, s := range []*zmq.Socket{a, b} {
		k.ok(s.Subscribe(""))
	}
	k.ok(pub.WaitSubscribers(k.ctx, "", 2))
	for _, size := range []int{10, 1000, 100_000} {
		k.ok(pub.Send(k.ctx, pattern(size, 2)))
		first, err := a.Recv(k.ctx)
		k.ok(err)
		for _, f := range first.Frames {
			clear(f)
		}
		first.Release()
		second, err := b.Recv(k.ctx)
		k.ok(err)
		if !second.Equal(pattern(size, 2)) {
			t.Errorf("a message of %d bytes was changed by another receiver", size)
		}
	}
}

// A publisher does not wait for a slow subscriber: it drops, and counts, what
// that one has no room for, and others get everything.
func TestSlowSubscriberLosesMessages(t *testing.T) {
	k := alone(t, "inproc")
	pub, endpoint := k.bound(zmq.Pub, zmq.WithSendHWM(5))
	slow := k.connect(zmq.Sub, endpoint, zmq.WithRecvHWM(5))
	quick := k.connect(zmq.Sub, endpoint, zmq.WithRecvHWM(1000))
	for _, s := range []*zmq.Socket{slow, quick} {
		k.ok(s.Subscribe(""))
	}
	k.ok(pub.WaitSubscribers(k.ctx, "", 2))
	for i := range 100 {
		k.send(pub, fmt.Sprint(i))
	}
	for i := range 100 {
		k.want(quick, fmt.Sprint(i))
	}
	for i := range 10 {
		k.want(slow, fmt.Sprint(i))
	}
	k.silent(slow)
	if st := pub.Stats(); st.Drops.HWM != 90 || st.Sent != 100 {
		t.Errorf("sent %d and dropped %d, want 100 and 90", st.Sent, st.Drops.HWM)
	}
	k.send(pub, "again")
	k.want(slow, "again")
}

// With NoDrop a publisher waits, having sent nothing to anybody.
func TestNoDrop(t *testing.T) {
	for _, typ := range []zmq.Type{zmq.Pub, zmq.XPub} {
		t.Run(typ.String(), func(t *testing.T) {
			k := alone(t, "inproc")
			pub, endpoint := k.bound(typ, zmq.WithSendHWM(1), zmq.WithXPubNoDrop(true))
			slow := k.connect(zmq.Sub, endpoint, zmq.WithRecvHWM(1))
			quick := k.connect(zmq.Sub, endpoint)
			for _, s := range []*zmq.Socket{slow, quick} {
				k.ok(s.Subscribe("a"))
			}
			k.ok(quick.Subscribe("b"))
			k.ok(pub.WaitSubscribers(k.ctx, "a", 2))
			k.ok(pub.WaitSubscribers(k.ctx, "b", 1))
			k.send(pub, "a1")
			k.send(pub, "a2")
			k.is(pub.TrySend(msg.NewString("a3")), zmq.ErrAgain)
			k.send(pub, "b") // who is not full is not waited for
			sent := k.blocked(func() error { return pub.SendString(k.ctx, "a3") })
			k.want(quick, "a1")
			k.want(quick, "a2")
			k.want(quick, "b")
			k.silent(quick)
			k.want(slow, "a1")
			k.want(slow, "a2")
			k.ok(k.result(sent))
			k.want(slow, "a3")
			k.want(quick, "a3")
			if n := pub.Stats().Drops.Total(); n != 0 {
				t.Errorf("dropped %d", n)
			}
		})
	}
}

// A subscriber that comes back, or finds a new publisher, subscribes again.
func TestSubscriptionsAreToldToEachPublisher(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		sub := k.connect(zmq.Sub, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		k.ok(sub.Subscribe("gone"))
		for i := range 3 {
			topic := fmt.Sprint("topic ", i)
			k.ok(sub.Subscribe(topic))
			if i == 1 {
				k.ok(sub.Unsubscribe("gone")) // while nobody is there to be told
			}
			pub := k.open(zmq.Pub)
			_, err := k.listen(pub, endpoint)
			k.ok(err)
			for j := range i + 1 {
				k.ok(pub.WaitSubscribers(k.ctx, fmt.Sprint("topic ", j), 1))
			}
			k.send(pub, topic)
			k.want(sub, topic)
			if want, got := i == 0, k.subscribers(pub, "gone") == 1; i > 0 && got != want {
				t.Errorf("publisher %d was told a subscription that was taken back", i)
			}
			k.ok(pub.Close())
		}
	})
}

func TestSubscribeOnOtherTypes(t *testing.T) {
	k := alone(t, "inproc")
	for typ := zmq.Pair; typ <= zmq.XSub; typ++ {
		s := k.open(typ)
		want := error(nil)
		if typ != zmq.Sub && typ != zmq.XSub {
			want = zmq.ErrNotSupported
		}
		k.is(s.Subscribe("x"), want)
		k.is(s.Unsubscribe("x"), want)
		if typ != zmq.Pub && typ != zmq.XPub {
			k.is(s.WaitSubscribers(k.ctx, "x", 1), zmq.ErrNotSupported)
		}
	}
}

// What was published before Close arrives. (Of 500 messages of go-zeromq 22 did.)
func TestPublisherCloses(t *testing.T) {
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

// With NoDrop nothing is lost, however fast the publisher is.
func TestNoDropUnderLoad(t *testing.T) {
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
