package zmq_test

import (
	"runtime"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// Whom a receiver answers runs before the next message of a flood is taken, which lets the
// receiver never wait: on one processor, where it would come to run when the receiver waits
// or its time slice ends.
func TestAnswerBesideAFloodIsNotLate(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	k := newKit(t, "inproc")
	const flood, trips, few = 1000, 100, 4
	router, endpoint := k.bound(zmq.Router, zmq.WithRecvHWM(0))
	hostile, honest := k.connect(zmq.Dealer, endpoint, zmq.WithSendHWM(0)), k.connect(zmq.Dealer, endpoint)
	k.ok(router.WaitConnected(k.ctx, 2))
	for range flood {
		k.send(hostile, "flood")
	}
	k.send(honest, "first")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := honest.Recv(k.ctx); err != nil || honest.SendString(k.ctx, "again") != nil {
				return
			}
		}
	}()
	runtime.Gosched() // it waits
	soon := 0
	for range trips {
		between := 0
		for {
			m, err := router.Recv(k.ctx)
			k.ok(err)
			if string(m.Frames[1]) != "flood" {
				k.ok(router.TrySend(m))
				break
			}
			m.Release()
			k.send(hostile, "flood") // there is always more
			between++
		}
		if between <= few {
			soon++
		}
	}
	// Not all: the kernel may have this thread wait, and Go's scheduler see that.
	if soon < trips/2 {
		t.Errorf("%d of %d questions were taken before %d messages of the flood, want most", soon, trips, few)
	}
	k.ok(router.Close())
	k.ok(honest.Close())
	<-done
}
