package zmq_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// received is how many messages wait at a socket, in all the test has seen of it.
func priorityTook(k *kit, s *zmq.Socket) (n int) {
	for {
		if _, err := s.TryRecv(); errors.Is(err, zmq.ErrAgain) {
			return n
		}
		n++
	}
}

// The best peers get all; when they are full the next best get the rest, and when
// they are back it is their turn again.
func TestPeerPriority(t *testing.T) {
	over(t, func(k *kit) {
		push := k.open(zmq.Push, zmq.WithSendHWM(3), zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
		best, bestAt := k.bound(zmq.Pull, zmq.WithRecvHWM(1000))
		good, goodAt := k.bound(zmq.Pull, zmq.WithRecvHWM(1000))
		last, lastAt := k.bound(zmq.Pull, zmq.WithRecvHWM(1000))
		for at, n := range map[string]int{bestAt: 7, goodAt: 2, lastAt: -1} {
			k.ok(k.dial(push, at, zmq.WithPeerPriority(n)))
		}
		k.ok(push.WaitConnected(k.ctx, 3))
		sendAll := func(to *zmq.Socket, others ...*zmq.Socket) {
			for i := range 50 {
				k.send(push, fmt.Sprint(i))
				k.want(to, fmt.Sprint(i))
			}
			for _, s := range others {
				k.silent(s)
			}
		}
		sendAll(best, good, last)
		k.ok(best.Close())
		k.until("the best is gone", func() bool { return push.Stats().Connected == 2 })
		sendAll(good, last)
		best = k.open(zmq.Pull, zmq.WithRecvHWM(1000))
		_, err := k.listen(best, bestAt)
		k.ok(err)
		k.ok(push.WaitConnected(k.ctx, 3))
		sendAll(best, good, last)
	})
}

// A full peer passes on to the next best, and nothing waits for those who are away.
func TestPeerPriorityWhenFull(t *testing.T) {
	k := alone(t, "inproc")
	push := k.open(zmq.Push, zmq.WithSendHWM(5))
	best, bestAt := k.bound(zmq.Pull, zmq.WithRecvHWM(5))
	good, goodAt := k.bound(zmq.Pull, zmq.WithRecvHWM(5))
	k.ok(push.Connect(goodAt, zmq.WithPeerPriority(1)))
	k.ok(push.Connect(bestAt, zmq.WithPeerPriority(2)))
	k.ok(push.Connect("tcp://127.0.0.1:1", zmq.WithPeerPriority(3)))
	if n := k.fill(push, 100); n != 20 {
		t.Errorf("%d messages, want 20", n)
	}
	k.want(best, "0")
	k.want(good, "10")
	for i := 1; i < 10; i++ {
		k.want(best, fmt.Sprint(i))
	}
	k.send(push, "again")
	k.want(best, "again")
	if n := priorityTook(k, good); n != 9 {
		t.Errorf("%d", n)
	}
}
