package zmq_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Close ends every blocked call with ErrClosed, whoever closes, and every later
// call returns it as well.
func TestCloseEndsBlockedCalls(t *testing.T) {
	over(t, func(k *kit) {
		dealer, _ := k.bound(zmq.Dealer)
		sub := k.open(zmq.Sub)
		pub := k.open(zmq.Pub)
		c := dealer.Chan(k.ctx)
		calls := []<-chan error{
			k.blocked(func() error { return dealer.SendString(k.ctx, "x") }),
			k.blocked(func() error { return dealer.SendBytes(k.ctx, []byte("x")) }),
			k.blocked(func() error { _, err := dealer.SendBatch(k.ctx, []msg.Msg{msg.NewString("x")}); return err }),
			k.blocked(func() error { _, err := dealer.Recv(k.ctx); return err }),
			k.blocked(func() error { _, err := dealer.Recv(context.Background()); return err }),
			k.blocked(func() error { _, err := dealer.RecvString(k.ctx); return err }),
			k.blocked(func() error { _, err := dealer.RecvBatch(k.ctx, make([]msg.Msg, 3)); return err }),
			k.blocked(func() error { return dealer.WaitConnected(k.ctx, 1) }),
			k.blocked(func() error { _, err := sub.Recv(k.ctx); return err }),
			k.blocked(func() error { return pub.WaitSubscribers(k.ctx, "", 1) }),
		}
		iterated := k.blocked(func() error {
			for _, err := range dealer.Messages(k.ctx) {
				return err
			}
			return nil
		})
		for _, s := range []*zmq.Socket{dealer, sub, pub} {
			go s.Close()
		}
		for i, call := range calls {
			if err := k.result(call); !errors.Is(err, zmq.ErrClosed) || !errors.Is(err, net.ErrClosed) {
				t.Errorf("call %d ended with %v", i, err)
			}
		}
		k.ok(k.result(iterated))
		if _, open := <-c; open {
			t.Error("the channel has a message")
		}
		for _, s := range []*zmq.Socket{dealer, sub, pub} {
			k.ok(s.Close()) // waits for the first call
		}
		_, bindErr := k.listen(dealer, k.endpoint())
		_, recvErr := dealer.Recv(k.ctx)
		_, tryErr := dealer.TryRecv()
		for i, err := range []error{
			bindErr, recvErr, tryErr, k.dial(dealer, k.endpoint()), dealer.Unbind("x"), dealer.Disconnect("x"),
			dealer.SendString(k.ctx, "x"), dealer.TrySend(msg.NewString("x")), dealer.Set(zmq.WithLinger(0)),
			sub.Subscribe("x"), dealer.WaitConnected(k.ctx, 1), dealer.MonitorSocket("inproc://m", zmq.EventAll),
		} {
			if !errors.Is(err, zmq.ErrClosed) {
				t.Errorf("call %d on a closed socket: %v", i, err)
			}
		}
		if _, open := <-dealer.Chan(k.ctx); open {
			t.Error("the channel of a closed socket has a message")
		}
		for e := range dealer.Events(k.ctx, zmq.EventAll) {
			t.Errorf("a closed socket has an event: %v", e)
		}
	})
}

// Close is idempotent, and each of many calls returns when the socket is closed.
func TestCloseConcurrently(t *testing.T) {
	over(t, func(k *kit) {
		for range 20 {
			pull, push := k.pair(zmq.Pull, zmq.Push)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for push.SendString(k.ctx, "x") == nil {
					}
				})
				wg.Go(func() {
					for {
						if _, err := pull.Recv(k.ctx); err != nil {
							return
						}
					}
				})
			}
			for _, s := range []*zmq.Socket{pull, push} {
				k.ok(s.Set(zmq.WithLinger(0)))
				for range 3 {
					wg.Go(func() {
						var unsent *zmq.UnsentError // there was no time to send
						if err := s.Close(); err != nil && !errors.As(err, &unsent) {
							t.Error(err)
						}
					})
				}
			}
			wg.Wait()
			if first, again := push.Close(), push.Close(); !same([]string{fmt.Sprint(first)}, []string{fmt.Sprint(again)}) {
				t.Errorf("one Close says %v, the next %v", first, again)
			}
		}
	})
}

// Everything may happen while a socket closes.
func TestCloseAmongOtherCalls(t *testing.T) {
	over(t, func(k *kit) {
		for range 30 {
			s, endpoint := k.bound(zmq.Dealer)
			peer := k.connect(zmq.Dealer, endpoint)
			var wg sync.WaitGroup
			for _, fn := range []func(){
				func() { _, _ = k.listen(s, k.endpoint()) },
				func() { _ = s.Unbind(endpoint) },
				func() { _ = k.dial(s, endpoint) },
				func() { _ = s.Disconnect(endpoint) },
				func() { _ = s.MonitorSocket(fmt.Sprint("inproc://", endpoint), zmq.EventAll) },
				func() { _ = s.MonitorSocket("", 0) },
				func() { <-s.Chan(k.ctx) },
				func() { s.Stats(); s.Peers(); s.Poll() },
				func() { _ = s.Set(zmq.WithSendHWM(3)) },
				func() { _ = peer.SendString(k.ctx, "x") },
				func() {
					for range s.Events(k.ctx, zmq.EventAll) {
					}
				},
				func() { s.Close() },
			} {
				wg.Go(fn)
			}
			wg.Wait()
			k.ok(peer.Set(zmq.WithLinger(0)))
			peer.Close()
		}
	})
}

// What was accepted before Close arrives, though the reader is slow; the default
// linger time is long enough.
func TestLinger(t *testing.T) {
	over(t, func(k *kit) {
		for _, types := range [][2]zmq.Type{{zmq.Push, zmq.Pull}, {zmq.Pair, zmq.Pair}, {zmq.Dealer, zmq.Router}} {
			for _, senderBinds := range []bool{true, false} {
				s, r := k.open(types[0]), k.open(types[1], zmq.WithRecvHWM(10))
				if senderBinds {
					k.ok(k.dial(r, k.bind(s)))
				} else {
					k.ok(k.dial(s, k.bind(r)))
				}
				k.linked(s, r)
				const total = 500
				for i := range total {
					k.ok(s.SendBytes(k.ctx, fmt.Append(nil, i), make([]byte, 2000)))
				}
				closed := make(chan error, 1)
				go func() { closed <- s.Shutdown(k.ctx) }()
				for i := range total {
					got := k.recv(r)
					if n := got[len(got)-2]; n != fmt.Sprint(i) {
						t.Fatalf("got %q, want %d", n, i)
					}
					if i%100 == 0 {
						time.Sleep(time.Millisecond) // the slow reader
					}
				}
				k.ok(k.result(closed))
			}
		}
	})
}

// What was sent before anybody was there waits for the linger time as well.
func TestLingerWithoutAPeer(t *testing.T) {
	over(t, func(k *kit) {
		endpoint := k.endpoint()
		push := k.connect(zmq.Push, endpoint, zmq.WithReconnectInterval(5*time.Millisecond, 0))
		for i := range 10 {
			k.send(push, fmt.Sprint(i))
		}
		closed := k.blocked(push.Close)
		pull := k.open(zmq.Pull)
		_, err := k.listen(pull, endpoint)
		k.ok(err)
		for i := range 10 {
			k.want(pull, fmt.Sprint(i))
		}
		k.ok(k.result(closed))
	})
}

// Without linger, or with nothing to send, Close does not wait.
func TestNoLinger(t *testing.T) {
	over(t, func(k *kit) {
		push := k.connect(zmq.Push, k.endpoint())
		k.ok(push.Close())
		push = k.connect(zmq.Push, k.endpoint(), zmq.WithLinger(0))
		k.send(push, "nobody comes")
		k.unsent(push.Close(), 1)
		push = k.connect(zmq.Push, k.endpoint(), zmq.WithLinger(time.Millisecond))
		k.send(push, "nobody comes")
		k.unsent(push.Close(), 1)
		if d := push.Stats().Drops.PeerGone; d != 1 {
			t.Errorf("counted %d drops, want 1", d)
		}
	})
}

// A SUB that closes does not wait for its publishers, nor they for it.
func TestSubDoesNotLinger(t *testing.T) {
	over(t, func(k *kit) {
		xsub := k.connect(zmq.XSub, k.endpoint())
		k.send(xsub, "user message that nobody takes")
		k.unsent(xsub.Close(), 1)
	})
}

// Shutdown says exactly how many messages it could not send.
func TestShutdownCountsUnsent(t *testing.T) {
	over(t, func(k *kit) {
		push := k.connect(zmq.Push, k.endpoint())
		other := k.endpoint()
		k.ok(k.dial(push, other))
		for i := range 11 {
			k.send(push, fmt.Sprint(i))
		}
		err := push.Shutdown(ended)
		k.unsent(err, 11)
		k.mentions(err, "11", "for "+other)
		k.unsent(push.Shutdown(k.ctx), 11) // and a second one says the same
		k.unsent(push.Close(), 11)
	})
}

// The count is exact with a peer that has taken a part: what was written whole
// does arrive, and the message that was cut does not count as sent.
func TestShutdownIsExactWithASlowPeer(t *testing.T) {
	wired(t, func(k *kit) {
		for _, senderBinds := range []bool{true, false} {
			for _, size := range []int{100, 3000, 20_000} {
				push := k.open(zmq.Push, zmq.WithSendHWM(0), zmq.WithSendBuffer(16<<10))
				nc := k.rawLink(push, senderBinds)
				nc.handshake("PULL")
				sent := 0
				for ; sent < 2_000_000/size; sent++ { // more than a kernel takes
					k.ok(push.SendBytes(k.ctx, make([]byte, size)))
				}
				k.until("the kernel takes no more", k.steady(func() int { return push.Stats().Queued }))
				err := push.Shutdown(ended)
				var unsent *zmq.UnsentError
				if !errors.As(err, &unsent) {
					t.Fatalf("%d bytes were sent to a peer that does not read: %v", sent*size, err)
				}
				arrived := nc.countMessages()
				if arrived+unsent.N != sent {
					t.Errorf("of %d messages of %d bytes %d arrived and %d are said to be unsent", sent, size, arrived, unsent.N)
				}
			}
		}
	})
}

// unsent checks that err says n messages were not sent.
func (k *kit) unsent(err error, n int) {
	k.Helper()
	var unsent *zmq.UnsentError
	if !errors.As(err, &unsent) || unsent.N != n {
		k.Fatalf("got %v, want %d unsent", err, n)
	}
	sum := 0
	for _, u := range unsent.For {
		sum += u.N
	}
	if sum != n {
		k.Errorf("%v: the parts do not add up", err)
	}
}

// steady is a condition that holds once a number has not changed for some looks.
func (k *kit) steady(number func() int) func() bool {
	last, same := -1, 0
	return func() bool {
		n := number()
		if n != last {
			last, same = n, 0
			return false
		}
		same++
		return same > 12
	}
}

// countMessages reads to the end and counts whole messages of one frame.
func (r *raw) countMessages() (n int) {
	r.k.Helper()
	in := bufio.NewReader(r.nc)
	for {
		flags, err := in.ReadByte()
		if err != nil {
			return n
		}
		size := 0
		if flags&2 != 0 {
			var b [8]byte
			if _, err := io.ReadFull(in, b[:]); err != nil {
				return n
			}
			for _, c := range b {
				size = size<<8 | int(c)
			}
		} else {
			c, err := in.ReadByte()
			if err != nil {
				return n
			}
			size = int(c)
		}
		if _, err := in.Discard(size); err != nil {
			return n
		}
		n++
	}
}

// Losing a peer is no fault of Shutdown's: it answers for what waited when it was
// called.
func TestShutdownAfterAPeerWasLost(t *testing.T) {
	over(t, func(k *kit) {
		push, endpoint := k.bound(zmq.Push)
		nobody := k.connect(zmq.Pull, endpoint)
		k.ok(push.WaitConnected(k.ctx, 1))
		k.send(push, "x")
		k.ok(nobody.Close())
		k.until("the peer is gone", func() bool { return push.Stats().Connected == 0 })
		k.ok(push.Shutdown(k.ctx))
	})
}

// The end of the context that a socket was made with closes it.
func TestContextEndsSocket(t *testing.T) {
	k := alone(t, "inproc")
	ctx, cancel := context.WithCancel(k.zctx)
	s, err := zmq.NewPull(ctx)
	k.ok(err)
	got := k.blocked(func() error { _, err := s.Recv(k.ctx); return err })
	cancel()
	k.is(k.result(got), zmq.ErrClosed)
	k.ok(s.Close())
	_, err = zmq.NewPull(ctx)
	k.is(err, context.Canceled)
}

// Messages that wait for a peer that is disconnected go to it within the linger
// time; what is sent meanwhile goes to others.
func TestDisconnectLingers(t *testing.T) {
	networked(t, func(k *kit) {
		leaving, endpoint := k.bound(zmq.Pull, zmq.WithRecvHWM(5))
		push := k.connect(zmq.Push, endpoint)
		const total = 400
		for i := range total {
			k.ok(push.SendBytes(k.ctx, fmt.Append(nil, i), make([]byte, 20_000)))
		}
		gone := k.blocked(func() error { return push.Disconnect(endpoint) })
		k.until("it takes no more", func() bool { return push.Poll()&zmq.PollOut == 0 })
		k.is(push.Disconnect(endpoint), zmq.ErrNoEndpoint)
		k.is(push.TrySend(msg.NewString("x")), zmq.ErrAgain)
		staying, second := k.bound(zmq.Pull)
		k.ok(k.dial(push, second))
		for i := range 20 {
			k.send(push, fmt.Sprint("new ", i))
		}
		for i := range 20 {
			k.want(staying, fmt.Sprint("new ", i))
		}
		for i := range total {
			if got := k.recv(leaving); got[0] != fmt.Sprint(i) {
				t.Fatalf("got %q, want %d", got[0], i)
			}
		}
		k.ok(k.result(gone))
		k.silent(leaving)
		if d := push.Stats().Drops; d.Total() != 0 {
			t.Errorf("dropped %+v", d)
		}
	})
}

// silentNetwork is one whose name server does not answer.
type silentNetwork struct{ asked chan struct{} }

func (n silentNetwork) Listen(ctx context.Context, _ string) (net.Listener, string, error) {
	close(n.asked)
	<-ctx.Done()
	return nil, "", ctx.Err()
}

func (n silentNetwork) Dial(ctx context.Context, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// Close ends a Bind that waits for a name server, and so does the end of the Context.
func TestCloseEndsBind(t *testing.T) {
	for name, end := range map[string]func(*zmq.Context, *zmq.Socket) error{
		"socket":  func(_ *zmq.Context, s *zmq.Socket) error { return s.Close() },
		"context": func(c *zmq.Context, _ *zmq.Socket) error { return c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			k := alone(t, "tcp")
			n := silentNetwork{make(chan struct{})}
			zctx := zmq.NewContext(context.Background(), zmq.WithNetwork(n))
			defer zctx.Close()
			s, err := zmq.NewPull(zctx)
			k.ok(err)
			bound := k.blocked(func() error { _, err := s.Bind("tcp://name.invalid:1"); return err })
			<-n.asked
			k.ok(end(zctx, s))
			k.is(k.result(bound), zmq.ErrClosed)
		})
	}
}
