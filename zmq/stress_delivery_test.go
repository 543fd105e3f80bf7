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

// Without a fault nothing is lost, doubled or out of order, however messages are
// sent, however large they are and however the receiver stalls (promises P1, P4).
func TestStressDelivery(t *testing.T) {
	pairs := []struct {
		name     string
		from, to zmq.Type
		skip     int
	}{
		{"PUSH-PULL", zmq.Push, zmq.Pull, 0},
		{"DEALER-ROUTER", zmq.Dealer, zmq.Router, 1},
		{"ROUTER-DEALER", zmq.Router, zmq.Dealer, 0},
		{"PAIR-PAIR", zmq.Pair, zmq.Pair, 0},
	}
	n := ztest.Size(12_000, 10_000_000)
	for _, p := range pairs {
		for _, tr := range stressTransports {
			t.Run(p.name+"/"+tr.name, func(t *testing.T) {
				seed := ztest.Seed(t)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(ztest.Size(1, 40))*time.Minute)
				defer cancel()
				x, r, ledger := stressPair(t, ctx, tr.endpoint, p.from, p.to, p.skip, seed)
				errc := make(chan error, 1)
				start := time.Now()
				go func() { errc <- x.all(ctx, uint64(n)) }()
				if err := errors.Join(r.all(ctx, n), <-errc, ledger.Complete(x.flow.ID, uint64(n))); err != nil {
					t.Fatal(err)
				}
				if m, err := r.s.TryRecv(); !errors.Is(err, zmq.ErrAgain) {
					t.Errorf("one more message: %v, %v", m, err)
				}
				stressBooks(t, x.s, r.s, n)
				t.Logf("%d messages in %v", n, time.Since(start).Round(time.Millisecond))
			})
		}
	}
}

// stressPair links two sockets for one flow.
func stressPair(t *testing.T, ctx context.Context, endpoint string, from, to zmq.Type, skip int, seed uint64) (*sender, *receiver, *ztest.Ledger) {
	t.Helper()
	flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Bare: true, Large: 100 << 10}
	var opts []zmq.Option
	if from == zmq.Router {
		opts = append(opts, zmq.WithRouterMandatory(true))
	}
	a := stressSocket(t, ctx, from, opts...)
	b := stressSocket(t, ctx, to)
	x := &sender{s: a, flow: flow}
	if from == zmq.Router {
		x.to = []byte("reader")
		if err := b.Set(zmq.WithRoutingID("reader")); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Connect(stressBind(t, a, endpoint)); err != nil {
		t.Fatal(err)
	}
	if err := a.WaitConnected(ctx, 1); err != nil {
		t.Fatal(err)
	}
	ledger := ztest.NewLedger()
	return x, &receiver{s: b, view: ledger.View(flow), rng: stressRand(seed, 1), skip: skip}, ledger
}

// stressBooks checks that the counters agree with what happened.
func stressBooks(t *testing.T, from, to *zmq.Socket, n int) {
	t.Helper()
	ztest.Eventually(t, "the sender notes that all is written", func() bool { return from.Stats().Queued == 0 })
	a, b := from.Stats(), to.Stats()
	if a.Sent != uint64(n) || b.Received != uint64(n) {
		t.Errorf("sent %d, received %d of %d", a.Sent, b.Received, n)
	}
	if a.Drops.Total()+b.Drops.Total() != 0 || b.Unread != 0 {
		t.Errorf("drops %v and %v, unread %d", a.Drops, b.Drops, b.Unread)
	}
}

// Many senders on one socket, many receivers on another, several sockets on both
// sides: each message arrives once, and each flow rises for each receiver.
func TestStressManyToMany(t *testing.T) {
	for _, tr := range stressTransports {
		t.Run(tr.name, func(t *testing.T) {
			seed := ztest.Seed(t)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			const sockets, senders, receivers = 2, 3, 3
			n := ztest.Size(2000, 500_000)
			pull := stressSocket(t, ctx, zmq.Pull, zmq.WithRecvHWM(50))
			bound := stressBind(t, pull, tr.endpoint)
			ledger := ztest.NewLedger()
			errc := make(chan error)
			recvCtx, done := context.WithCancel(ctx)
			defer done()
			for i := range receivers {
				r := &receiver{s: pull, view: ledger.View(nil), rng: stressRand(seed, uint64(i))}
				go func() { errc <- r.all(recvCtx, math.MaxInt) }()
			}
			var flows []*ztest.Flow
			for range sockets {
				push := stressSocket(t, ctx, zmq.Push, zmq.WithSendHWM(20))
				if err := push.Connect(bound); err != nil {
					t.Fatal(err)
				}
				for range senders {
					f := &ztest.Flow{ID: uint32(len(flows) + 1), Seed: seed, Multi: true, Large: 20 << 10}
					flows = append(flows, f)
					go func() { errc <- (&sender{s: push, flow: f}).all(ctx, uint64(n)) }()
				}
			}
			for range flows {
				if err := <-errc; err != nil {
					t.Fatal(err)
				}
			}
			want := uint64(n * len(flows))
			for pull.Stats().Received < want && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			done()
			for range receivers {
				if err := <-errc; !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
			for _, f := range flows {
				if err := ledger.Complete(f.ID, uint64(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
