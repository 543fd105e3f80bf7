package zmq_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// curveOptions are those of a client and of a server that knows no client.
func curveOptions(t testing.TB) (client, server []zmq.Option) {
	t.Helper()
	own, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	return []zmq.Option{zmq.WithCurveClient(own, theirs.Public())}, []zmq.Option{zmq.WithCurveServer(theirs), zmq.WithAllowAnyKey(true)}
}

// curveViaProxy links two sockets with CURVE through a fault proxy.
func curveViaProxy(t *testing.T, from, to zmq.Type, opts ...zmq.Option) (a, b *zmq.Socket, p *ztest.Proxy) {
	t.Helper()
	client, server := curveOptions(t)
	client, server = append(client, opts...), append(server, opts...)
	b = stressSocket(t, t.Context(), to, server...)
	bound := stressBind(t, b, "tcp://127.0.0.1:*")
	p = ztest.NewProxy(t, "tcp", bound[len("tcp://"):])
	a = stressSocket(t, t.Context(), from, append(client, zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))...)
	if err := a.Connect(p.Endpoint()); err != nil {
		t.Fatal(err)
	}
	return a, b, p
}

// Sealed messages take another way through the core, where they wait as messages:
// the promise is the same.
func TestStressCurveDelivery(t *testing.T) {
	seed := ztest.Seed(t)
	n := ztest.Size(4000, 1_000_000)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	push, pull, proxy := curveViaProxy(t, zmq.Dealer, zmq.Router)
	proxy.Set(ztest.Up, ztest.Manners{Slice: 5000})
	flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Bare: true, Large: 100 << 10}
	ledger := ztest.NewLedger()
	r := &receiver{s: pull, view: ledger.View(flow), rng: stressRand(seed, 1), skip: 1}
	errc := make(chan error, 1)
	go func() { errc <- (&sender{s: push, flow: flow}).all(ctx, uint64(n)) }()
	if err := errors.Join(r.all(ctx, n), <-errc, ledger.Complete(1, uint64(n))); err != nil {
		t.Error(err)
	}
	stressBooks(t, push, pull, n)
}

// What waits as messages survives a reconnect as well.
func TestStressCurveQueueSurvivesReconnect(t *testing.T) {
	ztest.Watchdog(t, 5*time.Minute)
	seed := ztest.Seed(t)
	push, pull, proxy := curveViaProxy(t, zmq.Push, zmq.Pull)
	flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Bare: true, Large: 50 << 10}
	ledger := ztest.NewLedger()
	x := &sender{s: push, flow: flow}
	r := &receiver{s: pull, view: ledger.View(flow), rng: stressRand(seed, 1), calm: true}
	num := uint64(0)
	for round := range ztest.Size(8, 100) {
		if err := push.WaitConnected(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		proxy.Shut()
		proxy.Break(round%2 == 0)
		ztest.Eventually(t, "the lost connection is noticed", func() bool { return push.Stats().Connected == 0 })
		const burst = 300
		for end := num + burst; num < end; num++ {
			if err := x.send(t.Context(), num); err != nil {
				t.Fatal(err)
			}
		}
		if err := proxy.Open(); err != nil {
			t.Fatal(err)
		}
		if err := r.all(t.Context(), burst); err != nil {
			t.Fatal(err)
		}
	}
	if err := ledger.Complete(1, num); err != nil {
		t.Error(err)
	}
}

// A bit that changes on the way, a connection cut anywhere: nothing damaged and
// nothing doubled gets through CURVE, and the next connection goes on.
func TestStressCurveFlippedBits(t *testing.T) {
	ztest.Watchdog(t, 10*time.Minute)
	seed := ztest.Seed(t)
	rng := stressRand(seed, 5)
	hasty := zmq.WithHandshakeInterval(200 * time.Millisecond) // a length that is harmed in a handshake makes the other side wait
	push, pull, proxy := curveViaProxy(t, zmq.Dealer, zmq.Router, hasty)
	flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Large: 100 << 10}
	ledger := ztest.NewLedger()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	sent := make(chan error, 1)
	go func() { sent <- (&sender{s: push, flow: flow}).all(ctx, math.MaxInt) }()
	r := &receiver{s: pull, ledger: ledger, skip: 1, rng: rng, calm: true}
	for range ztest.Size(30, 2000) {
		if dir := ztest.Direction(rng.IntN(2)); rng.IntN(3) > 0 {
			proxy.FlipNext(dir, int64(rng.IntN(400)))
		} else {
			proxy.FlipNext(ztest.Up, int64(rng.IntN(100_000)))
		}
		if rng.IntN(3) == 0 {
			proxy.CutNext(ztest.Up, int64(rng.IntN(100_000)), rng.IntN(2) == 0)
		}
		renew(t, proxy, rng.IntN(2) == 0)
		for range 1 + rng.IntN(30) {
			if _, err := r.some(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := ledger.Err(); err != nil {
		t.Error(err)
	}
	t.Logf("%d sent, %d received, %d connections lost", push.Stats().Sent, ledger.Total(), push.Stats().Disconnects)
}
