package zmq_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// Whom a receiver answers runs soon, while another peer's flood lets it never wait: on one
// processor, where it would come to run when the receiver waits or its time slice ends.
func TestAnswerBesideAFloodIsNotLate(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	k := newKit(t, "inproc")
	// To receive the flood takes a few milliseconds, less than a time slice, and has room for
	// some hundred pauses.
	const flood, trips = 20_000, 4
	router, endpoint := k.bound(zmq.Router, zmq.WithRecvHWM(0))
	hostile, honest := k.connect(zmq.Dealer, endpoint, zmq.WithSendHWM(0)), k.connect(zmq.Dealer, endpoint)
	k.ok(router.WaitConnected(k.ctx, 2))
	for range flood {
		k.send(hostile, "flood")
	}
	k.send(honest, "first")
	var answered atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range trips {
			if _, err := honest.Recv(k.ctx); err != nil {
				return
			}
			answered.Add(1)
			if honest.SendString(k.ctx, "again") != nil {
				return
			}
		}
	}()
	runtime.Gosched() // it waits
	taken := 0
	for ; taken < flood && answered.Load() < trips; taken++ {
		m, err := router.Recv(k.ctx)
		k.ok(err)
		if string(m.Frames[1]) != "flood" {
			k.ok(router.TrySend(m))
		}
	}
	if taken == flood {
		t.Errorf("%d answers have come beside a flood of %d, want %d", answered.Load(), flood, trips)
	}
	k.ok(router.Close())
	k.ok(honest.Close())
	<-done
}
