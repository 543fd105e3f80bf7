package zmq_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// speakerGreeting is ZMTP 3.1 with NULL, as a client says it.
func speakerGreeting() []byte {
	g := make([]byte, 64)
	g[0], g[9], g[10], g[11] = 0xFF, 0x7F, 3, 1
	copy(g[12:], "NULL")
	return g
}

// speakerReady is the READY of a peer of some type.
func speakerReady(socketType string) []byte {
	body := append([]byte("\x05READY"), wire.AppendProperty(nil, "Socket-Type", []byte(socketType))...)
	return wire.AppendCommand(nil, body)
}

// speakerHello is all that a peer says before its messages.
func speakerHello(socketType string) []byte {
	return append(speakerGreeting(), speakerReady(socketType)...)
}

// appendMsg frames a message.
func appendMsg(dst []byte, frames ...[]byte) []byte {
	for i, f := range frames {
		var flags byte
		if i+1 < len(frames) {
			flags = wire.FlagMore
		}
		dst = append(wire.AppendHeader(dst, flags, len(f)), f...)
	}
	return dst
}

// cutStream is a representative stream: messages of one and several frames, short
// and long, an empty one, with PINGs between messages and between frames.
func cutStream() (stream []byte, ends []int, msgs []msg.Msg) {
	long := []byte(strings.Repeat("long", 75))
	msgs = []msg.Msg{
		msg.NewString("one"), msg.NewString("two", "", "parts"), msg.NewString(""),
		msg.New([]byte("x"), long, long), msg.New(long), msg.NewString("a", "b", "c", "d", "e"),
	}
	stream = speakerHello("PUSH")
	ping := wire.AppendPing(nil, 0, []byte("ctx"))
	for i, m := range msgs {
		for k, f := range m.Frames {
			var flags byte
			if k+1 < m.Len() {
				flags = wire.FlagMore
			}
			stream = append(wire.AppendHeader(stream, flags, len(f)), f...)
			if flags != 0 && i%2 == 1 {
				stream = append(stream, ping...)
			}
		}
		ends = append(ends, len(stream))
		if i%2 == 0 {
			stream = append(stream, ping...)
		}
	}
	return stream, ends, msgs
}

// A sender that dies after any byte of its stream leaves whole messages behind, all
// of those that it had finished, and never a part of one (promise P3).
func TestStressCutAtEveryByte(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			ctx := t.Context()
			pull := stressSocket(t, ctx, zmq.Pull)
			bound := stressBind(t, pull, map[string]string{"tcp": "tcp://127.0.0.1:*", "unix": "ipc://*"}[network])
			_, addr, _ := strings.Cut(bound, "://")
			stream, ends, msgs := cutStream()
			step := ztest.Size(3, 1)
			for n := 0; n <= len(stream); n += step {
				cutAfter(t, network, addr, stream[:n])
				want := 0
				for want < len(ends) && ends[want] <= n {
					want++
				}
				for i := 0; ; i++ {
					m, err := pull.TryRecv()
					if errors.Is(err, zmq.ErrAgain) && i == want {
						break
					}
					if err != nil || i >= want || !m.Equal(msgs[i]) {
						t.Fatalf("cut after %d bytes: message %d of %d: %v, %v", n, i, want, m, err)
					}
				}
			}
		})
	}
}

// cutAfter sends part of a stream, hangs up, and waits until the other side has
// seen all of it.
func cutAfter(t *testing.T, network, addr string, part []byte) {
	t.Helper()
	c, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(part); err != nil {
		t.Fatal(err)
	}
	_ = c.(interface{ CloseWrite() error }).CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(60 * time.Second))
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("after %d bytes and an end of file the connection stays open: %v", len(part), err)
	}
}

// The same in the middle of real traffic: the proxy cuts, orderly and by RST, at
// random bytes of large multipart messages. What arrives is whole, in order on each
// connection, and not doubled, and the sender never stops.
func TestStressCutByProxy(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			ztest.Watchdog(t, 10*time.Minute)
			seed := ztest.Seed(t)
			rng := stressRand(seed, 5)
			ctx := t.Context()
			push, pull, proxy := viaProxy(t, network, zmq.Dealer, zmq.Router)
			flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Large: 200 << 10}
			ledger := ztest.NewLedger()
			r := &receiver{s: pull, ledger: ledger, skip: 1, rng: rng, calm: true}
			sendCtx, stop := context.WithCancel(ctx)
			sent := make(chan uint64, 1)
			go func() {
				x := &sender{s: push, flow: flow}
				num := uint64(0)
				for sendCtx.Err() == nil {
					next, err := x.sendSome(sendCtx, num, math.MaxInt)
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					num = next
				}
				sent <- num
			}()
			for range ztest.Size(40, 10_000) {
				proxy.CutNext(ztest.Up, int64(rng.IntN(60_000)), rng.IntN(2) == 0)
				renew(t, proxy, rng.IntN(2) == 0)
				for range 1 + rng.IntN(30) {
					if _, err := r.some(ctx); err != nil {
						t.Fatal(err)
					}
				}
			}
			stop()
			if err := ledger.Err(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d sent, %d received, %d connections lost", <-sent, ledger.Total(), push.Stats().Disconnects)
		})
	}
}

// renew breaks the connection through a proxy and waits for the next one.
func renew(t *testing.T, p *ztest.Proxy, rst bool) {
	t.Helper()
	before := p.Served()
	p.Break(rst)
	ztest.Eventually(t, "the next connection", func() bool { return p.Served() > before })
	time.Sleep(2 * time.Millisecond) // so that something passes
}

// viaProxy links two sockets through a fault proxy; the first one reconnects fast.
func viaProxy(t *testing.T, network string, from, to zmq.Type, opts ...zmq.Option) (a, b *zmq.Socket, p *ztest.Proxy) {
	t.Helper()
	ctx := t.Context()
	b = stressSocket(t, ctx, to, opts...)
	endpoint := map[string]string{"tcp": "tcp://127.0.0.1:*", "unix": "ipc://*"}[network]
	_, addr, _ := strings.Cut(stressBind(t, b, endpoint), "://")
	p = ztest.NewProxy(t, network, addr)
	opts = append(opts, zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
	a = stressSocket(t, ctx, from, opts...)
	if err := a.Connect(p.Endpoint()); err != nil {
		t.Fatal(err)
	}
	return a, b, p
}
