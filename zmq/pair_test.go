package zmq_test

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// A PAIR talks to one peer; another one gets nothing and gives nothing. When the
// first has left the next one is let in.
func TestPairIsExclusive(t *testing.T) {
	over(t, func(k *kit) {
		a, endpoint := k.bound(zmq.Pair)
		first := k.joined(zmq.Pair, endpoint)
		k.send(a, "to the first")
		k.want(first, "to the first")

		events := k.watch(a, zmq.EventHandshakeFailedNoDetail)
		second := k.connect(zmq.Pair, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		events.next()
		k.send(a, "to the first again")
		k.want(first, "to the first again")
		k.silent(second)
		k.silent(a)

		k.ok(first.Close())
		k.ok(second.WaitConnected(k.ctx, 1))
		k.until("the next one is there", func() bool { return a.Stats().Connected == 1 })
		k.send(a, "to the next")
		k.want(second, "to the next")
		k.send(second, "from the next")
		k.want(a, "from the next")
	})
}

// What a PAIR sends that was refused waits until it is let in, in one process as over a
// wire.
func TestRefusedPairWaits(t *testing.T) {
	over(t, func(k *kit) {
		a, endpoint := k.bound(zmq.Pair)
		first := k.joined(zmq.Pair, endpoint)
		k.ok(a.WaitConnected(k.ctx, 1)) // before that the second may still be let in, and then be refused
		refused := k.watch(a, zmq.EventHandshakeFailedNoDetail)
		second := k.connect(zmq.Pair, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		refused.next()
		k.ok(second.TrySend(msg.NewString("x")))
		k.send(first, "y")
		k.want(a, "y")
		k.silent(a)
		k.ok(first.Close())
		k.want(a, "x")
	})
}
