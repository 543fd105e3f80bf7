package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// A PAIR that is closed while its peer is still to come waits for it, as other types
// do. It was refused as a stranger.
func TestPairClosedBeforePeerComes(t *testing.T) {
	wired(t, func(k *kit) {
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
