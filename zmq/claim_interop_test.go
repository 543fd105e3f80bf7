//go:build interop

package zmq_test

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A DEALER of libzmq with a routing id in use goes on trying and loses nothing: what it
// was given arrives once the other one has left. The same for a second PAIR.
func TestInteropRoutingIDInUse(t *testing.T) {
	wired(t, func(k *kit) {
		router, endpoint := k.bound(zmq.Router)
		refused := k.watch(router, zmq.EventHandshakeFailedNoDetail)
		first := k.joined(zmq.Dealer, endpoint, zmq.WithRoutingID("name"))
		out := durablePython(k, `
s = c.socket(zmq.DEALER); s.routing_id = b"name"; s.connect(sys.argv[1])
for i in range(20): s.send(b"%d" % i)
print(s.recv().decode())`, endpoint)
		for range 3 { // it comes again
			k.is(refused.next().Err, zmq.ErrRoutingIDInUse)
		}
		k.silent(router)
		k.ok(first.Close())
		for i := range 20 {
			k.want(router, "name", fmt.Sprint(i))
		}
		k.send(router, "name", "back")
		if got := <-out; got != "back" {
			t.Errorf("libzmq's DEALER got %q", got)
		}
	})
}

func TestInteropSecondPair(t *testing.T) {
	wired(t, func(k *kit) {
		server, endpoint := k.bound(zmq.Pair)
		refused := k.watch(server, zmq.EventHandshakeFailedNoDetail)
		first := k.joined(zmq.Pair, endpoint)
		out := durablePython(k, `
s = c.socket(zmq.PAIR); s.connect(sys.argv[1])
for i in range(20): s.send(b"%d" % i)
print(s.recv().decode())`, endpoint)
		for range 3 {
			k.is(refused.next().Err, zmq.ErrPeerBusy)
		}
		k.silent(server)
		k.ok(first.Close())
		for i := range 20 {
			k.want(server, fmt.Sprint(i))
		}
		k.send(server, "back")
		if got := <-out; got != "back" {
			t.Errorf("libzmq's PAIR got %q", got)
		}
	})
}
