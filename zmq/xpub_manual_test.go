package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

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
