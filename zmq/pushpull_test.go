package zmq_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// The turn is the connecting side's, too: peers that are not there yet take part.
func TestRoundRobinOverConnectedEndpoints(t *testing.T) {
	over(t, func(k *kit) {
		push := k.open(zmq.Push)
		pulls := make([]*zmq.Socket, 3)
		endpoints := make([]string, 3)
		for i := range pulls {
			endpoints[i] = k.endpoint()
			k.ok(k.dial(push, endpoints[i]))
		}
		for i := range 30 {
			k.send(push, fmt.Sprint(i))
		}
		for i := range pulls {
			pulls[i] = k.open(zmq.Pull)
			_, err := k.listen(pulls[i], endpoints[i])
			k.ok(err)
		}
		for i := range 30 {
			k.want(pulls[i%3], fmt.Sprint(i))
		}
	})
}

// A peer at its high-water mark is passed over and does not hold others up; when
// it has room it takes part again.
func TestRoundRobinSkipsFullPeers(t *testing.T) {
	k := alone(t, "inproc")
	push, endpoint := k.bound(zmq.Push, zmq.WithSendHWM(2))
	full := k.connect(zmq.Pull, endpoint, zmq.WithRecvHWM(2))
	k.ok(push.WaitConnected(k.ctx, 1))
	if n := k.fill(push, 100); n != 4 {
		t.Fatalf("one peer took %d messages, want 4", n)
	}
	quick := k.connect(zmq.Pull, endpoint, zmq.WithRecvHWM(1000))
	k.ok(push.WaitConnected(k.ctx, 2))
	for i := range 500 {
		k.send(push, fmt.Sprint("quick ", i))
	}
	for i := range 500 {
		k.want(quick, fmt.Sprint("quick ", i))
	}
	for i := range 4 {
		k.want(full, fmt.Sprint(i))
	}
	k.send(push, "a")
	k.send(push, "b")
	one, two := k.recv(full), k.recv(quick)
	if one[0] == two[0] {
		t.Errorf("both peers got %q", one)
	}
}

func TestRoundRobinSkipsFullPeersOnTheWire(t *testing.T) {
	wired(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push, zmq.WithSendHWM(1), zmq.WithSendBuffer(8<<10))
		k.connect(zmq.Pull, endpoint, zmq.WithRecvHWM(1), zmq.WithRecvBuffer(8<<10)) // does not read
		k.ok(push.WaitConnected(k.ctx, 1))
		body := make([]byte, 64<<10)
		k.ok(push.Set(zmq.WithSendTimeout(300 * time.Millisecond)))
		taken := 0
		k.until("queues and kernel are full", k.steady(func() int {
			if push.TrySend(msg.New(body)) == nil {
				taken++
			}
			return taken
		}))
		quick := k.connect(zmq.Pull, endpoint)
		k.ok(push.WaitConnected(k.ctx, 2))
		for i := range 500 {
			k.send(push, fmt.Sprint(i))
		}
		last := -1
		for range 400 { // some may have gone to the one that is stuck
			n := 0
			fmt.Sscan(k.recv(quick)[0], &n)
			if n <= last {
				t.Fatalf("got %d after %d", n, last)
			}
			last = n
		}
	})
}

// A PULL takes one message of each peer in turn, so that one who floods does not
// keep others from being heard.
func TestFairQueueWithFlooder(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		flooder := k.connect(zmq.Push, endpoint)
		quiet := []*zmq.Socket{k.connect(zmq.Push, endpoint), k.connect(zmq.Push, endpoint)}
		k.ok(pull.WaitConnected(k.ctx, 3))
		for range 900 {
			k.send(flooder, "flood")
		}
		for i, q := range quiet {
			for range 10 {
				k.send(q, fmt.Sprint("quiet ", i))
			}
		}
		k.until("everything has arrived", func() bool { return pull.Stats().Unread == 920 })
		seen := map[string]int{}
		for range 30 + 3 { // each turn of three has one of each; three for who came first
			seen[k.recv(pull)[0]]++
		}
		for i := range quiet {
			if n := seen[fmt.Sprint("quiet ", i)]; n != 10 {
				t.Errorf("peer %d was heard %d times in 33 messages, want 10", i, n)
			}
		}
	})
}

func TestFramesOfEverySize(t *testing.T) {
	over(t, func(k *kit) {
		pull, push := k.pair(zmq.Pull, zmq.Push)
		sizes := []int{0, 1, 2, 254, 255, 256, 257, 4 << 10, 8<<10 - 1, 8 << 10, 64<<10 - 1, 64 << 10, 300 << 10, 1 << 20, 4 << 20}
		go func() {
			for _, n := range sizes {
				for _, parts := range []int{1, 3} {
					if err := push.Send(k.ctx, pattern(n, parts)); err != nil {
						t.Error(err)
					}
				}
			}
		}()
		for _, n := range sizes {
			for _, parts := range []int{1, 3} {
				m, err := pull.Recv(k.ctx)
				k.ok(err)
				if !m.Equal(pattern(n, parts)) {
					t.Fatalf("%d frames of %d bytes came as %d frames of %d bytes in all, or damaged", parts, n, m.Len(), m.Size())
				}
			}
		}
	})
}

// pattern is a message whose bytes are known from its size.
func pattern(size, parts int) msg.Msg {
	var m msg.Msg
	for p := range parts {
		f := make([]byte, size)
		for i := range f {
			f[i] = byte(i*7 + i>>8 + size + p)
		}
		m.Append(f)
	}
	return m
}

func TestEmptyMessageIsRefused(t *testing.T) {
	k := alone(t, "inproc")
	for typ := zmq.Pair; typ <= zmq.XSub; typ++ {
		if typ == zmq.Pull || typ == zmq.Sub {
			continue
		}
		s := k.open(typ)
		k.is(s.Send(k.ctx, msg.Msg{}), zmq.ErrInvalidMessage)
	}
}

// One of several peers leaves: who waits in Recv goes on waiting for the others. (go-zeromq
// returned EOF.)
func TestRecvOutlivesOneOfSeveral(t *testing.T) {
	over(t, func(k *kit) {
		pull, endpoint := k.bound(zmq.Pull)
		stays := k.connect(zmq.Push, endpoint)
		for range 5 {
			leaves := k.connect(zmq.Push, endpoint)
			k.send(leaves, "bye")
			k.want(pull, "bye")
			got := k.blocked(func() error { _, err := pull.Recv(k.ctx); return err })
			k.ok(leaves.Close())
			k.until("it has left", func() bool { return pull.Stats().Connected == 1 })
			k.send(stays, "hello")
			k.ok(k.result(got))
		}
	})
}
