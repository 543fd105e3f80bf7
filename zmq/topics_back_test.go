package zmq_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// After a reconnect all subscriptions are told again before anything else: the last of them
// is known, and what matches the first arrives (promise P11).
func TestTopicsComeBack(t *testing.T) {
	k := alone(t, "tcp")
	n := ztest.Size(2000, 100_000)
	pub, proxy := durablePair(k)
	sub := k.open(zmq.Sub, zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
	for i := range n {
		k.ok(sub.Subscribe(fmt.Sprintf("topic-%06d", i)))
	}
	k.ok(k.dial(sub, proxy.Endpoint()))
	last := fmt.Sprintf("topic-%06d", n-1)
	k.ok(pub.WaitSubscribers(k.ctx, last, 1))
	proxy.Shut()
	proxy.Break(true)
	k.until("it is gone", func() bool { return pub.Stats().Connected == 0 })
	k.ok(proxy.Open())
	start := time.Now()
	k.ok(sub.WaitConnected(k.ctx, 1))
	k.ok(pub.WaitSubscribers(k.ctx, last, 1))
	ztest.Record(k, "P11", "time", "%d topics are known again %v after the publisher is back", n, time.Since(start).Round(time.Millisecond))
	k.ok(pub.WaitSubscribers(k.ctx, "topic-000000", 1))
	k.send(pub, "topic-000000")
	k.want(sub, "topic-000000")
}
