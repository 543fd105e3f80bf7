package zmq_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// requeueTail receives until nothing more comes, and makes sure that it is all from
// some number on; it says from which, and how many were marked.
func requeueTail(k *kit, pull *zmq.Socket, total int) (first, marked int) {
	k.Helper()
	seen := map[int]bool{}
	k.until("the last one is there", func() bool {
		for {
			m, err := pull.TryRecv()
			if err != nil {
				break
			}
			i, err := strconv.Atoi(string(m.Frames[0]))
			k.ok(err)
			seen[i] = true
			if m.Redelivered() {
				marked++
			}
		}
		if len(seen) == 0 {
			return false
		}
		for first = total; first > 0 && seen[first-1]; first-- {
		}
		return total-first == len(seen)
	})
	return first, marked
}

// What a peer's kernel has not acknowledged, and what waits for that peer, goes to
// another one.
func TestRequeue(t *testing.T) {
	networked(t, func(k *kit) {
		for _, connects := range []bool{false, true} {
			k.Run("push connects="+strconv.FormatBool(connects), func(t *testing.T) {
				k := newKit(t, k.scheme)
				testRequeue(k, connects)
			})
		}
	})
}

func testRequeue(k *kit, connects bool) {
	const total = 1500
	push := k.open(zmq.Push, zmq.WithRequeue(true), zmq.WithSendHWM(0), zmq.WithReconnectInterval(time.Hour, 0))
	pullOpts := []zmq.Option{zmq.WithRequeue(true), zmq.WithRecvHWM(10), zmq.WithReconnectInterval(time.Hour, 0)}
	lost, other := k.open(zmq.Pull, pullOpts...), k.open(zmq.Pull, append(pullOpts, zmq.WithRecvHWM(0))...)
	var proxy *ztest.Proxy
	down := ztest.Down
	through := func(endpoint string) string {
		network, address, _ := strings.Cut(endpoint, "://")
		if network == "ipc" {
			network = "unix"
		}
		proxy = ztest.NewProxy(k.T, network, address)
		return proxy.Endpoint()
	}
	var second func()
	if connects {
		down = ztest.Up
		k.ok(k.dial(push, through(k.bind(lost))))
		second = func() { k.ok(k.dial(push, k.bind(other))) }
	} else {
		endpoint := k.bind(push)
		k.ok(k.dial(lost, through(endpoint)))
		second = func() { k.ok(k.dial(other, endpoint)) }
	}
	k.linked(push, lost)
	proxy.Set(down, ztest.Manners{Stall: true})
	body := strings.Repeat("x", 10_000)
	for i := range total {
		k.send(push, strconv.Itoa(i), body)
		if i == 0 {
			k.until("the first is written", func() bool { return push.Stats().Queued == 0 })
		}
	}
	second()
	k.ok(push.WaitConnected(k.ctx, 2))
	proxy.Break(k.scheme != "ipc")
	k.until("it is lost", func() bool { return push.Stats().Connected == 1 })
	if connects { // what was not written at all waits for that peer to come again
		k.until("handed over", func() bool { return push.Stats().Requeued > 0 })
		for range 1000 {
			if _, err := other.TryRecv(); err == nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
		k.Error("nothing came")
		return
	}
	first, marked := requeueTail(k, other, total)
	if first > 1000 || marked == 0 {
		k.Errorf("lost %d of %d, %d marked", first, total, marked)
	}
	if st := push.Stats(); int(st.Requeued) < total-first || st.Drops.PeerGone != 0 {
		k.Errorf("%+v", st)
	}
	k.send(push, "end")
	k.want(other, "end")
}

// Without another peer they wait for the next one.
func TestRequeueWaits(t *testing.T) {
	k := alone(t, "tcp")
	push, endpoint := k.bound(zmq.Push, zmq.WithRequeue(true), zmq.WithSendHWM(0))
	proxy := ztest.NewProxy(t, "tcp", strings.TrimPrefix(endpoint, "tcp://"))
	lost := k.joined(zmq.Pull, proxy.Endpoint(), zmq.WithReconnectInterval(time.Hour, 0))
	proxy.Set(ztest.Down, ztest.Manners{Stall: true})
	const total = 1500
	for i := range total {
		k.send(push, strconv.Itoa(i), strings.Repeat("x", 10_000))
	}
	proxy.Break(true)
	k.ok(lost.Close())
	k.until("it is lost", func() bool { return push.Stats().Connected == 0 })
	other := k.connect(zmq.Pull, endpoint, zmq.WithRecvHWM(0)) // and it knows no marks
	if first, marked := requeueTail(k, other, total); first > 1000 || marked > 0 {
		t.Errorf("lost %d, %d marked", first, marked)
	}
}
