package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// Close returns when what was accepted has arrived, or the linger time is over:
// with a reader that is slow, and a sender that closes at once, on either side of
// the link, nothing is missing (promises P5, P15).
func TestStressCloseLosesNothing(t *testing.T) {
	for _, tr := range stressTransports {
		for _, binds := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/sender binds=%v", tr.name, binds), func(t *testing.T) {
				ztest.Watchdog(t, 5*time.Minute)
				seed := ztest.Seed(t)
				for round := range uint64(ztest.Size(10, 300)) {
					closeAfterSend(t, tr.endpoint, binds, seed+round)
				}
			})
		}
	}
}

func closeAfterSend(t *testing.T, endpoint string, binds bool, seed uint64) {
	t.Helper()
	rng := stressRand(seed, 1)
	ctx := context.Background()
	push := stressSocket(t, ctx, zmq.Push, zmq.WithLinger(time.Minute))
	pull := stressSocket(t, ctx, zmq.Pull, zmq.WithRecvHWM(1+rng.IntN(100)))
	from, to := push, pull
	if !binds {
		from, to = pull, push
	}
	if err := to.Connect(stressBind(t, from, endpoint)); err != nil {
		t.Fatal(err)
	}
	flow := &ztest.Flow{ID: 1, Seed: seed, Multi: true, Bare: true, Large: 300 << 10}
	ledger := ztest.NewLedger()
	n := rng.IntN(1500)
	if n > 0 {
		if err := push.WaitConnected(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		x := &sender{s: push, flow: flow}
		if err := x.all(ctx, uint64(n)); err != nil {
			t.Error(err)
		}
		push.Close()
	})
	r := &receiver{s: pull, view: ledger.View(flow), rng: rng}
	rctx, cancel := context.WithTimeout(ctx, ztest.Patience)
	defer cancel()
	if err := r.all(rctx, n); err != nil {
		t.Errorf("%v (seed %d)", err, seed)
	}
	wg.Wait()
	if err := ledger.Complete(1, uint64(n)); err != nil {
		t.Errorf("%v (seed %d)", err, seed)
	}
	if d := push.Stats().Drops; d.Total() != 0 {
		t.Errorf("%+v", d)
	}
	pull.Close()
}

// A ROUTER that hands a routing id over to a new peer goes on working, also when it
// has stopped reading from the old one.
func TestStressHandover(t *testing.T) {
	for _, tr := range stressTransports[1:] {
		t.Run(tr.name, func(t *testing.T) {
			ztest.Watchdog(t, 2*time.Minute)
			ctx := t.Context()
			router := stressSocket(t, ctx, zmq.Router, zmq.WithRouterHandover(true), zmq.WithRecvHWM(1))
			bound := stressBind(t, router, tr.endpoint)
			for round := range ztest.Size(20, 500) {
				d := stressSocket(t, ctx, zmq.Dealer, zmq.WithRoutingID("x"), zmq.WithSendHWM(10), zmq.WithReconnectInterval(-1, 0))
				if err := d.Connect(bound); err != nil {
					t.Fatal(err)
				}
				wctx, cancel := context.WithTimeout(ctx, ztest.Patience)
				if err := d.WaitConnected(wctx, 1); err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprint(round)
				if err := d.SendString(wctx, name); err != nil {
					t.Fatal(err)
				}
				for got := ""; got != name; {
					m, err := router.Recv(wctx)
					if err != nil {
						t.Fatal(err)
					}
					got = string(m.Frames[1])
				}
				ztest.Eventually(t, "the reply has a way", func() bool {
					if err := router.SendString(wctx, "x", name); err != nil {
						t.Fatal(err)
					}
					short, cancel := context.WithTimeout(wctx, 20*time.Millisecond)
					defer cancel()
					s, err := d.RecvString(short)
					return err == nil && s == name
				})
				for d.TrySend(msg.NewString("flood")) == nil { // until the router reads no more
				}
				cancel()
			}
		})
	}
}

// Sockets that connect by name while others bind and close it: whoever is
// connected in the end has a peer in the end.
func TestStressInprocComeAndGo(t *testing.T) {
	ztest.Watchdog(t, 5*time.Minute)
	for round := range ztest.Size(20, 1000) {
		zc := stressContext(t)
		name := "inproc://come-and-go"
		var wg sync.WaitGroup
		pushes := make([]*zmq.Socket, 6)
		for i := range pushes {
			pushes[i] = stressSocket(t, zc, zmq.Push)
			wg.Go(func() {
				if err := pushes[i].Connect(name); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					if err := pushes[i].Disconnect(name); err != nil {
						t.Error(err)
					}
					if err := pushes[i].Connect(name); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			for range 10 {
				pull := stressSocket(t, zc, zmq.Pull)
				if _, err := pull.Bind(name); err != nil {
					t.Error(err)
				}
				pull.Close()
			}
		})
		wg.Wait()
		pull := stressSocket(t, zc, zmq.Pull)
		if _, err := pull.Bind(name); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(zc, ztest.Patience)
		seen := map[string]bool{}
		for i, push := range pushes {
			if err := push.SendString(ctx, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		for len(seen) < len(pushes) {
			s, err := pull.RecvString(ctx)
			if err != nil || seen[s] {
				t.Fatalf("round %d: after %v: %q, %v", round, seen, s, err)
			}
			seen[s] = true
		}
		if n := len(pull.Peers()); n != len(pushes) {
			t.Errorf("round %d: %d peers", round, n)
		}
		if m, err := pull.TryRecv(); !errors.Is(err, zmq.ErrAgain) {
			t.Errorf("one more: %v", m)
		}
		cancel()
		zc.Close()
	}
}
