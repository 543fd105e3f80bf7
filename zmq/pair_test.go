package zmq_test

import (
	"fmt"
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
		if n := a.Stats().Connected; n != 1 {
			t.Errorf("it has %d peers", n)
		}

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

// A PAIR that is closed while its peer is still to come waits for it, as other types
// do. It was refused as a stranger.
func TestPairClosedBeforePeerComes(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		early := k.connect(zmq.Pair, endpoint)
		k.send(early, "ready")
		closed := k.blocked(func() error { return early.Close() })
		late := k.open(zmq.Pair)
		_, err := k.listen(late, endpoint)
		k.ok(err)
		k.want(late, "ready")
		k.ok(k.result(closed))
	})
}

// A PAIR that dials two talks to the first, and has a queue for that one also while it is
// away. The second gets nothing until the first is given up.
func TestPairThatDialsTwo(t *testing.T) {
	over(t, func(k *kit) {
		first, at := k.bound(zmq.Pair)
		second, other := k.bound(zmq.Pair)
		a := k.joined(zmq.Pair, at, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		k.ok(k.dial(a, other))
		for i := range 20 {
			k.send(a, fmt.Sprint(i))
			k.want(first, fmt.Sprint(i))
		}
		k.silent(second)
		k.ok(a.Disconnect(at))
		k.ok(second.WaitConnected(k.ctx, 1))
		k.send(second, "from the next")
		k.want(a, "from the next")
	})
}
