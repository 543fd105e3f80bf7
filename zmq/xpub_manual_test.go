package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Each subscription is reported, the second one too, and when a peer goes what it had
// asked for, once for each peer.
func TestManualReportsWhoGoes(t *testing.T) {
	over(t, func(k *kit) {
		xpub, endpoint := k.bound(zmq.XPub, zmq.WithXPubManual(true))
		a, b := k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)
		for _, s := range []*zmq.Socket{a, b, b} {
			k.ok(s.Subscribe("both"))
			k.want(xpub, "\x01both")
		}
		k.ok(xpub.Subscribe("something else"))
		k.ok(a.Close())
		k.want(xpub, "\x00both")
		k.ok(xpub.Subscribe("in vain")) // it is a who is gone
		k.ok(b.Close())
		k.want(xpub, "\x00both")
		k.silent(xpub)
		k.until("nothing is left", func() bool { n, _ := xpub.Option("TOPICS_COUNT"); return n == 0 })
	})
}

// The one that asked last is gone: the next message is for everybody.
func TestManualLastValueOfNobody(t *testing.T) {
	over(t, func(k *kit) {
		xpub, endpoint := k.bound(zmq.XPub, zmq.WithXPubManualLastValue(true))
		a, b := k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)
		for _, s := range []*zmq.Socket{a, b} {
			k.ok(s.Subscribe("A"))
			k.want(xpub, "\x01A")
			k.ok(xpub.Subscribe("A"))
		}
		k.ok(b.Close())
		k.want(xpub, "\x00A")
		k.send(xpub, "A")
		k.want(a, "A")
	})
}

// Without WithXPubManual an XPUB subscribes nobody.
func TestXPubDoesNotSubscribe(t *testing.T) {
	k := alone(t, "inproc")
	k.is(k.open(zmq.XPub).Subscribe("x"), zmq.ErrNotSupported)
	k.is(k.open(zmq.Pub).Subscribe("x"), zmq.ErrNotSupported)
}

// With WithInvertMatching a message goes to those who have not subscribed to it.
func TestInvertMatching(t *testing.T) {
	over(t, func(k *kit) {
		for _, typ := range []zmq.Type{zmq.Pub, zmq.XPub} {
			pub, endpoint := k.bound(typ, zmq.WithInvertMatching(true))
			sub := k.joined(zmq.Sub, endpoint, zmq.WithInvertMatching(true))
			other := k.joined(zmq.Sub, endpoint, zmq.WithInvertMatching(true))
			k.ok(sub.Subscribe("AB"))
			k.ok(pub.WaitSubscribers(k.ctx, "AB", 1))
			k.ok(pub.WaitConnected(k.ctx, 2))
			for _, topic := range []string{"A", "AB", "ABC", "B", ""} {
				k.send(pub, topic)
			}
			for _, want := range []string{"A", "B", ""} {
				k.want(sub, want)
			}
			for _, want := range []string{"A", "AB", "ABC", "B", ""} {
				k.want(other, want)
			}
			k.silent(sub)
			k.ok(sub.Unsubscribe("AB"))
			k.until("the cancellation is heard", func() bool { return k.subscribers(pub, "AB") == 0 })
			k.send(pub, "AB")
			k.want(sub, "AB")
			k.ok(other.Close())
			k.until("it is gone", func() bool { return pub.Stats().Connected == 1 })
			k.send(pub, "x")
			k.want(sub, "x")
		}
	})
}

// A SUB filters by itself, also when its publisher does not know of its inversion.
func TestInvertMatchingAtTheSubscriber(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		sub := k.connect(zmq.Sub, endpoint, zmq.WithInvertMatching(true))
		k.ok(sub.Subscribe("A"))
		k.ok(pub.WaitSubscribers(k.ctx, "A", 1))
		k.send(pub, "A")
		k.silent(sub)
	})
}

// Which frames of a multipart message are subscriptions: as in libzmq all, if the
// first one is, or with WithOnlyFirstSubscribe that one.
func TestOnlyFirstSubscribe(t *testing.T) {
	over(t, func(k *kit) {
		for _, c := range []struct {
			only bool
			sent []string
			user []string // what is left of it for the program
			subs int
		}{
			{false, []string{"\x01a", "x", "\x01b", "y"}, []string{"x", "y"}, 2},
			{true, []string{"\x01a", "x", "\x01b", "y"}, []string{"x", "\x01b", "y"}, 1},
			{false, []string{"\x01a", "\x01b"}, nil, 2},
			{false, []string{"x", "\x01a"}, []string{"x", "\x01a"}, 0},
			{true, []string{"x", "\x01a"}, []string{"x", "\x01a"}, 0},
		} {
			xpub, endpoint := k.bound(zmq.XPub, zmq.WithOnlyFirstSubscribe(c.only))
			xsub := k.joined(zmq.XSub, endpoint, zmq.WithOnlyFirstSubscribe(c.only))
			k.ok(xpub.WaitConnected(k.ctx, 1))
			k.send(xsub, c.sent...)
			k.send(xsub, "end")
			subs, user := 0, [][]string(nil)
			for len(user) == 0 || user[len(user)-1][0] != "end" || subs < c.subs {
				if m := k.recv(xpub); len(m) == 1 && m[0][0] == 1 {
					subs++
				} else {
					user = append(user, m)
				}
			}
			if c.user == nil {
				user = append([][]string{nil}, user...)
			}
			if len(user) != 2 || !same(user[0], c.user) || subs != c.subs {
				t.Errorf("%+v: %d subscriptions, messages %q", c, subs, user)
			}
			if n, _ := xpub.Option("TOPICS_COUNT"); n != c.subs {
				t.Errorf("%+v: %v topics", c, n)
			}
		}
	})
}

func TestTopicsCount(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		subs := []*zmq.Socket{k.connect(zmq.Sub, endpoint), k.connect(zmq.Sub, endpoint)}
		for _, s := range subs {
			for _, topic := range []string{"a", "a", "ab", ""} {
				k.ok(s.Subscribe(topic))
			}
			if n, err := s.Option("TOPICS_COUNT"); n != 3 || err != nil {
				t.Errorf("a SUB has %v, %v", n, err)
			}
		}
		k.ok(pub.WaitSubscribers(k.ctx, "", 2))
		if n, _ := pub.Option("TOPICS_COUNT"); n != 3 {
			t.Errorf("the PUB has %v", n)
		}
		_, err := k.open(zmq.Push).Option("TOPICS_COUNT")
		k.is(err, zmq.ErrInvalidOption)
	})
}

// TrySendTo reaches one subscriber, with as many messages as there is room for, and
// nobody else; it says when there is no room, when there is some again, and who is gone.
func TestSendToOneSubscriber(t *testing.T) {
	over(t, func(k *kit) {
		xpub, endpoint := k.bound(zmq.XPub, zmq.WithXPubVerbose(true), zmq.WithSendHWM(10), zmq.WithSendBuffer(4<<10))
		a, b := k.open(zmq.Sub, zmq.WithRecvHWM(10), zmq.WithRecvBuffer(4<<10)), k.open(zmq.Sub)
		ids := map[*zmq.Socket]msg.PeerID{}
		for _, s := range []*zmq.Socket{a, b} {
			k.ok(s.Subscribe("A"))
			k.ok(k.dial(s, endpoint))
			report, err := xpub.Recv(k.ctx)
			k.ok(err)
			ids[s] = report.Peer().ID()
		}
		for range 2 * 8 { // so that they would read together
			k.send(xpub, "A", "for all")
			k.want(a, "A", "for all")
			k.want(b, "A", "for all")
		}
		for _, text := range []string{"1", "2", "3"} {
			k.ok(xpub.TrySendTo(ids[a], msg.NewString("A", text)))
		}
		k.send(xpub, "A", "for all")
		for _, text := range []string{"1", "2", "3", "for all"} {
			k.want(a, "A", text)
		}
		k.want(b, "A", "for all")
		k.ok(xpub.TrySendTo(ids[b], msg.NewString("B"))) // it has not subscribed to it
		k.silent(b)

		ready := make(chan struct{}, 1)
		defer xpub.Notify(ready)()
		sent := 0
		large := msg.New([]byte("A"), make([]byte, 4<<10))
		for ; ; sent++ {
			if err := xpub.TrySendTo(ids[a], large); err != nil {
				k.is(err, zmq.ErrAgain)
				break
			}
		}
		for more := sent; more > 0; more-- {
			k.recv(a)
		}
		for xpub.TrySendTo(ids[a], msg.NewString("A", "last")) != nil {
			<-ready
		}
		k.want(a, "A", "last")

		k.ok(a.Close())
		k.until("it is gone", func() bool { return xpub.Stats().Connected == 1 })
		k.is(xpub.TrySendTo(ids[a], msg.NewString("A")), zmq.ErrHostUnreachable)
		k.is(xpub.TrySendTo(msg.PeerID{}, msg.NewString("A")), zmq.ErrHostUnreachable)
		k.is(k.open(zmq.Pub).TrySendTo(ids[b], msg.NewString("A")), zmq.ErrNotSupported)
		k.is(xpub.TrySendTo(ids[b], msg.Msg{}), zmq.ErrInvalidMessage)
	})
}

// An XPUB that dials: who comes back is another one.
func TestSendToWhoCameBack(t *testing.T) {
	networked(t, func(k *kit) {
		sub, endpoint := k.bound(zmq.Sub)
		k.ok(sub.Subscribe("A"))
		xpub := k.connect(zmq.XPub, endpoint)
		report, err := xpub.Recv(k.ctx)
		k.ok(err)
		k.ok(sub.Close())
		k.want(xpub, "\x00A")
		k.is(xpub.TrySendTo(report.Peer().ID(), msg.NewString("A")), zmq.ErrHostUnreachable)
		sub = k.open(zmq.Sub)
		k.ok(sub.Subscribe("A"))
		_, err = k.listen(sub, endpoint)
		k.ok(err)
		again, err := xpub.Recv(k.ctx)
		k.ok(err)
		k.is(xpub.TrySendTo(report.Peer().ID(), msg.NewString("A")), zmq.ErrHostUnreachable)
		k.ok(xpub.TrySendTo(again.Peer().ID(), msg.NewString("A", "back")))
		k.want(sub, "A", "back")
	})
}
