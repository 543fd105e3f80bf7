//go:build interop

package zmq_test

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// libzmq's SUB keeps its connection and its other topics when one is too long.
func TestInteropTopicOverTheLimit(t *testing.T) {
	wired(t, func(k *kit) {
		pub, endpoint := k.bound(zmq.Pub)
		refused := k.watch(pub, zmq.EventTopicRefused|zmq.EventDisconnected)
		out := durablePython(k, `
s = c.socket(zmq.SUB); s.subscribe(b"before"); s.subscribe(b"x" * 8193); s.subscribe(b"y" * 20000); s.subscribe(b"after")
s.connect(sys.argv[1])
print(s.recv().decode(), s.recv().decode())`, endpoint)
		for _, topic := range []string{"before", "after"} {
			k.ok(pub.WaitSubscribers(k.ctx, topic, 1))
		}
		for range 2 {
			k.is(refused.next().Err, zmq.ErrTopicRefused)
		}
		k.send(pub, strings.Repeat("x", 8193))
		k.send(pub, "before")
		k.send(pub, "after")
		if got := <-out; got != "before after" {
			t.Errorf("libzmq's SUB got %q", got)
		}
	})
}
