package zmq_test

import (
	"strconv"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// What was delivered is not reported as unsent, also where no kernel says what has arrived.
func TestRequeueCloseTellsTheTruth(t *testing.T) {
	over(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push, zmq.WithRequeue(true), zmq.WithLinger(ztest.Patience))
		pull := k.joined(zmq.Pull, endpoint, zmq.WithRequeue(true))
		for i := range 100 {
			k.send(push, strconv.Itoa(i))
		}
		for i := range 100 {
			k.want(pull, strconv.Itoa(i))
		}
		k.ok(push.Close())
	})
}
