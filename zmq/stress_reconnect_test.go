package zmq_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// What is sent while the peer is away waits for it, all of it and in order,
// whatever ended the connection (promise P8). The queue holds nothing but what was
// sent after the connection was known to be lost, so nothing may be missing.
func TestStressQueueSurvivesReconnect(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			ztest.Watchdog(t, 5*time.Minute)
			seed := ztest.Seed(t)
			push, pull, proxy := viaProxy(t, network, zmq.Push, zmq.Pull)
			flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Bare: true, Large: 50 << 10}
			ledger := ztest.NewLedger()
			x := &sender{s: push, flow: flow}
			r := &receiver{s: pull, view: ledger.View(flow), rng: stressRand(seed, 1), calm: true}
			num := uint64(0)
			for round := range ztest.Size(20, 300) {
				if err := push.WaitConnected(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
				proxy.Shut()
				proxy.Break(round%2 == 0)
				ztest.Eventually(t, "the lost connection is noticed", func() bool { return push.Stats().Connected == 0 })
				const burst = 700 // below the high-water mark
				for end := num + burst; num < end; {
					next, err := x.sendSome(t.Context(), num, end)
					if err != nil {
						t.Fatal(err)
					}
					num = next
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
		})
	}
}

// A server that goes and comes back, with all that can go wrong on the way, while
// both sides go on: at most once, whole, and it heals. Order holds within a
// connection only: while the end of a broken one still lies in the kernel, the
// next one is being served.
func TestStressStorm(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			ztest.Watchdog(t, 10*time.Minute)
			seed := ztest.Seed(t)
			rng := stressRand(seed, 3)
			push, pull, proxy := viaProxy(t, network, zmq.Dealer, zmq.Router)
			ledger := ztest.NewLedger()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ends := make(chan error, 2)
			flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Large: 100 << 10}
			go func() { ends <- (&sender{s: push, flow: flow}).all(ctx, math.MaxInt) }()
			r := &receiver{s: pull, view: ledger.View(nil).AnyOrder(), rng: stressRand(seed, 4), skip: 1}
			go func() { ends <- r.all(ctx, math.MaxInt) }()
			for range ztest.Size(25, 1000) {
				stormOnce(t, proxy, rng.IntN(7), int64(rng.IntN(100_000)))
				time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
			}
			proxy.Set(ztest.Up, ztest.Manners{})
			proxy.Set(ztest.Down, ztest.Manners{})
			proxy.Break(true)
			before := ledger.Total()
			ztest.Eventually(t, "messages flow again", func() bool { return ledger.Total() > before+2000 })
			cancel()
			for range 2 {
				if err := <-ends; !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
			if err := ledger.Err(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d sent, %d received, %d connections lost", push.Stats().Sent, ledger.Total(), push.Stats().Disconnects)
		})
	}
}

// stormOnce does one bad thing.
func stormOnce(t *testing.T, p *ztest.Proxy, what int, n int64) {
	t.Helper()
	switch what {
	case 0:
		p.Break(true)
	case 1:
		p.Break(false)
	case 2:
		p.CutNext(ztest.Up, n, true)
		p.Break(true)
	case 3:
		p.Set(ztest.Up, ztest.Manners{Slice: int(n%2000) + 1})
	case 4:
		p.Set(ztest.Up, ztest.Manners{Stall: true})
		time.Sleep(10 * time.Millisecond)
		p.Set(ztest.Up, ztest.Manners{})
	case 5: // a black hole that ends, as a real one does, by RST
		p.Set(ztest.Up, ztest.Manners{Swallow: true})
		time.Sleep(5 * time.Millisecond)
		p.Break(true)
		p.Set(ztest.Up, ztest.Manners{})
	case 6:
		p.Shut()
		p.Break(n%2 == 0)
		time.Sleep(time.Duration(n%20) * time.Millisecond)
		if err := p.Open(); err != nil {
			t.Fatal(err)
		}
	}
}

// The server itself is closed and bound again at its old address: the connecting
// side keeps its queue over all of them, and order holds.
func TestStressServerRestarts(t *testing.T) {
	for _, tr := range stressTransports {
		t.Run(tr.name, func(t *testing.T) {
			ztest.Watchdog(t, 5*time.Minute)
			seed := ztest.Seed(t)
			ctx := t.Context()
			flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true}
			ledger := ztest.NewLedger()
			view := ledger.View(nil)
			push := stressSocket(t, ctx, zmq.Push, zmq.WithReconnectInterval(time.Millisecond, 5*time.Millisecond))
			first := stressSocket(t, ctx, zmq.Pull)
			endpoint := tr.endpoint
			if tr.name == "ipc" { // a wildcard's folder goes with its listener
				endpoint = "ipc://" + t.TempDir() + "/s"
			}
			bound := stressBind(t, first, endpoint)
			if err := push.Connect(bound); err != nil {
				t.Fatal(err)
			}
			sendCtx, stop := context.WithCancel(ctx)
			done := make(chan error, 1)
			go func() { done <- (&sender{s: push, flow: flow}).all(sendCtx, math.MaxInt) }()
			pull := first
			for round := range ztest.Size(15, 100) {
				r := &receiver{s: pull, view: view, rng: stressRand(seed, uint64(round)), calm: true}
				if err := r.all(ctx, 500); err != nil {
					t.Fatal(err)
				}
				pull.Close()
				pull = stressSocket(t, ctx, zmq.Pull)
				ztest.Eventually(t, "the address is free again", func() bool { _, err := pull.Bind(bound); return err == nil })
			}
			stop()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if err := ledger.Err(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
