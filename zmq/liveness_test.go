//go:build unix

package zmq_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
)

// Who is slow is not dead, and who is dead is not slow. These tests have real time in
// them, because what they are about is the kernel's; it is never what decides.

// pace is by how much all times are longer than those for the record: a machine that is
// busy with other tests may stand still for a while, and that is not what is tested.
func pace(d time.Duration) time.Duration {
	if ztest.Full() {
		return d
	}
	return 4 * d
}

// alive runs a test over each way that bytes can take through a kernel; without
// ZACTOR_FULL=1, where times are long, over two of them.
func alive(t *testing.T, fn func(k *kit, server, client []zmq.Option)) {
	t.Parallel()
	certPEM, keyPEM := wsKeyPair()
	tls := [2]zmq.Option{zmq.WithWSSCert(certPEM), zmq.WithWSSKey(keyPEM)}
	ways := []string{"tcp", "curve", "ipc", "ws", "wss"}
	if !ztest.Full() {
		ways = ways[:2]
	}
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			var server, client []zmq.Option
			switch way {
			case "wss":
				server, client = tls[:], []zmq.Option{zmq.WithWSSTrust(certPEM)}
			case "curve":
				server = []zmq.Option{zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true)}
				client = []zmq.Option{zmq.WithCurveClient(clientKeys(), serverKeys().Public())}
			}
			for try := 1; ; try++ {
				k := patientKit(t, way, 2*time.Minute)
				longest := pauses(k.ctx)
				fn(k, server, client)
				if len(k.parted) == 0 {
					return
				}
				if longest() < pace(100*time.Millisecond) || try == 5 {
					t.Fatalf("the longest pause of this machine was %v, and yet: %s", longest(), k.parted)
				}
				t.Logf("the machine stood still for %v: once more", longest())
			}
		})
	}
}

// pauses begins to look for times in which nothing of this process ran; longest tells how
// long they were.
func pauses(ctx context.Context) (longest func() time.Duration) {
	var most atomic.Int64
	go func() {
		for last := time.Now(); ctx.Err() == nil; {
			time.Sleep(5 * time.Millisecond)
			now := time.Now()
			most.Store(max(most.Load(), int64(now.Sub(last))))
			last = now
		}
	}()
	return func() time.Duration { return time.Duration(most.Load()) }
}

// wayIn is where to bind for such a test.
func (k *kit) wayIn() string {
	switch k.scheme {
	case "ws", "wss":
		return k.scheme + "://127.0.0.1:*"
	}
	return k.endpoint()
}

func fast(ttl time.Duration) zmq.Option {
	return zmq.WithHeartbeat(pace(100*time.Millisecond), pace(300*time.Millisecond), pace(ttl))
}

func (k *kit) wantNumbered(s *zmq.Socket, n, size int) {
	k.Helper()
	m, err := s.Recv(k.ctx)
	k.ok(err)
	if m.Size() != size || binary.BigEndian.Uint32(m.Frames[0]) != uint32(n) {
		k.Fatalf("got %d bytes with number %d, want %d and %d", m.Size(), binary.BigEndian.Uint32(m.Frames[0]), size, n)
	}
	m.Release()
}

// neverParted notes what has been parted; alive judges that.
func (k *kit) neverParted(sockets ...*zmq.Socket) {
	for _, s := range sockets {
		if st := s.Stats(); st.Disconnects+st.Reconnects+st.Drops.Total() > 0 {
			k.parted = append(k.parted, fmt.Sprintf("%v: %+v", s.Type(), st))
			for _, e := range s.Endpoints() {
				k.parted = append(k.parted, fmt.Sprintf("%v: %v", e.Endpoint, e.Err))
			}
		}
	}
}

// A receiver that sleeps for many times the timeout, with the sender's kernel buffer
// full, is not given up, and nothing is lost.
func TestHeartbeatAndASleeper(t *testing.T) {
	alive(t, func(k *kit, server, client []zmq.Option) {
		const size = 20_000
		pull := k.open(zmq.Pull, append(server, zmq.WithRecvHWM(5), zmq.WithRecvBuffer(4096))...)
		endpoint, err := pull.Bind(k.wayIn())
		k.ok(err)
		push := k.open(zmq.Push, append(client, zmq.WithSendHWM(5), zmq.WithSendBuffer(4096), fast(300*time.Millisecond))...)
		k.ok(push.Connect(endpoint))
		k.linked(pull, push)
		nap, end := context.WithTimeout(k.ctx, pace(time.Duration(ztest.Size(1000, 3000))*time.Millisecond))
		defer end()
		n := 0
		for push.SendBytes(nap, numbered(n, size)) == nil {
			n++
		}
		for i := range n {
			k.wantNumbered(pull, i, size)
		}
		k.silent(pull)
		k.neverParted(push, pull)
	})
}

// The same for one that sleeps when all is in its own kernel, and the sender's has
// nothing left: it says now and then that it lives.
func TestHeartbeatAndASleeperWithRoom(t *testing.T) {
	alive(t, func(k *kit, server, client []zmq.Option) {
		pull := k.open(zmq.Pull, append(server, zmq.WithRecvHWM(1))...)
		endpoint, err := pull.Bind(k.wayIn())
		k.ok(err)
		push := k.open(zmq.Push, append(client, fast(0))...)
		k.ok(push.Connect(endpoint))
		k.linked(pull, push)
		select { // until the first PINGs have come
		case <-time.After(pace(350 * time.Millisecond)):
		case <-k.ctx.Done():
		}
		for i := range 10 {
			k.ok(push.SendBytes(k.ctx, numbered(i, 100)))
		}
		time.Sleep(pace(time.Duration(ztest.Size(1000, 3000)) * time.Millisecond))
		for i := range 10 {
			k.wantNumbered(pull, i, 100)
		}
		k.neverParted(push, pull)
	})
}

// A message that needs many times the timeout for its way over a slow link gets there.
func TestHeartbeatOverASlowLink(t *testing.T) {
	alive(t, func(k *kit, server, client []zmq.Option) {
		size, rate, count := ztest.Size(4, 12)*1_000_000, 1_000_000, ztest.Size(1, 2)
		pull := k.open(zmq.Pull, server...)
		endpoint, err := pull.Bind(k.wayIn())
		k.ok(err)
		scheme, target, _ := strings.Cut(endpoint, "://")
		network := "tcp"
		if scheme == "ipc" {
			network = "unix"
		}
		proxy := ztest.NewProxy(k, network, target)
		proxy.Narrow(32 << 10)
		proxy.Set(ztest.Up, ztest.Manners{Rate: rate})
		_, address, _ := strings.Cut(proxy.Endpoint(), "://")
		push := k.open(zmq.Push, append(client, fast(300*time.Millisecond))...)
		k.ok(push.Connect(scheme + "://" + address))
		k.linked(push, pull)
		for i := range count {
			k.ok(push.SendBytes(k.ctx, numbered(i, size)))
		}
		for i := range count {
			k.wantNumbered(pull, i, size)
		}
		k.neverParted(push, pull)
	})
}

// A process that is stopped while nothing is under way is noticed when the timeout is
// over, on every transport: its kernel answers for it, but not to a PING.
func TestHeartbeatAndAStoppedProcess(t *testing.T) {
	alive(t, func(k *kit, server, _ []zmq.Option) {
		interval := pace(400 * time.Millisecond)
		push := k.open(zmq.Push, append(server, zmq.WithHeartbeat(interval, interval/2, 0))...)
		endpoint, err := push.Bind(k.wayIn())
		k.ok(err)
		events := k.watch(push, zmq.EventDisconnected)
		certPEM, _ := wsKeyPair()
		child := proc.Start(k, k.scheme, endpoint, certPEM, serverKeys().Public())
		k.linked(push)
		k.ok(push.SendBytes(k.ctx, []byte("hello")))
		child.Expect("hello")
		time.Sleep(3 * interval) // PINGs are answered
		k.neverParted(push)
		k.ok(child.Stop())
		start := time.Now()
		e := events.next()
		k.mentions(e.Err, "PING")
		k.Logf("noticed after %.2f intervals; at most 1.5 on a machine at rest", float64(time.Since(start))/float64(interval))
	})
}
