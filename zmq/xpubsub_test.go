package zmq_test

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A PUB has no use for what an XSUB sends, and counts it.
func TestPubDropsUserMessages(t *testing.T) {
	over(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		xsub := k.joined(zmq.XSub, endpoint)
		k.send(xsub, "hello")
		k.send(xsub, "\x01x")
		k.ok(pub.WaitSubscribers(k.ctx, "x", 1))
		k.until("it is counted", func() bool { return pub.Stats().Drops.Unwanted == 1 })
	})
}

// An XSUB does not filter what it receives: a publisher that knows its
// subscriptions does.
func TestForwarder(t *testing.T) {
	over(t, func(k *kit) {
		xsub, in := k.bound(zmq.XSub)
		xpub, out := k.bound(zmq.XPub)
		done := make(chan error, 1)
		p := zmq.NewProxy(xsub, xpub, nil)
		go func() { done <- p.Run(k.ctx) }()

		pub := k.connect(zmq.Pub, in)
		subs := []*zmq.Socket{k.connect(zmq.Sub, out), k.connect(zmq.Sub, out)}
		for i, s := range subs {
			k.ok(s.Subscribe(fmt.Sprint(i)))
			k.ok(pub.WaitSubscribers(k.ctx, fmt.Sprint(i), 1)) // the forwarder passes it on
		}
		for i := range 20 {
			k.send(pub, fmt.Sprint(i%2), fmt.Sprint(i))
		}
		for i := range 20 {
			k.want(subs[i%2], fmt.Sprint(i%2), fmt.Sprint(i))
		}
		k.ok(subs[0].Close())
		k.until("the cancellation is passed on", func() bool { return k.subscribers(pub, "0") == 0 })
		p.Stop()
		k.ok(k.result(done))
	})
}

// Messages that are no subscriptions are dropped for an XPUB that does not read
// them, and do not keep subscriptions from being heard.
func TestXPubHearsSubscriptionsWhenFull(t *testing.T) {
	networked(t, func(k *kit) {
		xpub, endpoint := k.bound(zmq.XPub, zmq.WithRecvHWM(5))
		xsub := k.joined(zmq.XSub, endpoint)
		for i := range 50 {
			k.send(xsub, fmt.Sprint("user message ", i))
		}
		k.send(xsub, "\x01topic")
		k.ok(xpub.WaitSubscribers(k.ctx, "topic", 1))
		k.until("the rest is counted", func() bool {
			st := xpub.Stats()
			return st.Drops.HWM >= 45 && int(st.Drops.HWM)+st.Unread == 51
		})
	})
}
