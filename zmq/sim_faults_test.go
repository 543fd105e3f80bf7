package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// simSeeds runs a simulation for many seeds, each with a network of its own kind.
func simSeeds(t *testing.T, n int, fn func(s *sim)) {
	t.Helper()
	first := ztest.Seed(t)
	for i := range n {
		seed := first + uint64(i)
		rng := stressRand(seed, 77)
		f := zmqtest.Faults{
			Delay: time.Duration(rng.IntN(50)) * time.Millisecond, Jitter: time.Duration(rng.IntN(50)) * time.Millisecond,
			Slice: []int{0, 0, 1, 7, 1000}[rng.IntN(5)], Buffer: []int{64, 1000, 64 << 10}[rng.IntN(3)],
		}
		t.Run(fmt.Sprintf("ZACTOR_SEED=%d", seed), func(t *testing.T) { simulate(t, seed, f, fn) })
		if t.Failed() {
			return
		}
	}
}

// storm does bad things to the network for some time, and then leaves it whole.
// restart stops the server and starts it again.
func (s *sim) storm(d time.Duration, restart func(away time.Duration)) {
	rng := stressRand(s.rng, 1)
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(time.Duration(rng.IntN(3000)) * time.Millisecond)
		pause := time.Duration(rng.IntN(15_000)) * time.Millisecond
		switch rng.IntN(6) {
		case 0, 1:
			s.net.ResetOne()
		case 2:
			s.net.Reset()
		case 3:
			s.net.Partition()
			time.Sleep(pause)
			if rng.IntN(2) == 0 {
				s.net.Reset()
			}
			s.net.Heal()
		case 4:
			s.net.Refuse(simEndpoint, true)
			if rng.IntN(2) == 0 {
				s.net.ResetOne()
			} else {
				s.net.Reset()
			}
			time.Sleep(pause)
			s.net.Refuse(simEndpoint, false)
		case 5:
			restart(pause)
		}
	}
}

// now and then, so that queues are full at times and empty at others.
func (s *sim) breathe(rng *rand.Rand) {
	if rng.IntN(10) == 0 {
		time.Sleep(time.Duration(rng.IntN(1000)) * time.Millisecond)
	}
}

// PUSH to PULL through everything that can happen to a network and a server: at
// most once, in order on each connection, whole; and when it is over all is as it was.
func TestSimFaultsPushPull(t *testing.T) {
	simSeeds(t, ztest.Size(4, 3000), func(s *sim) {
		ledger := ztest.NewLedger()
		ctx, stop := context.WithCancel(s.ctx)
		var wg sync.WaitGroup
		serve := func() (*zmq.Socket, func()) {
			pull := s.bound(zmq.Pull, zmq.WithRecvHWM(20), zmq.WithHeartbeat(time.Second, 3*time.Second, 0))
			r := &receiver{s: pull, ledger: ledger, rng: stressRand(s.rng, 9), calm: true}
			done := make(chan error, 1)
			go func() { done <- r.all(ctx, math.MaxInt) }()
			return pull, func() {
				pull.Close()
				if err := <-done; !errors.Is(err, zmq.ErrClosed) && !errors.Is(err, context.Canceled) {
					s.Error(err)
				}
			}
		}
		_, end := serve()
		const senders = 3
		var pushes [senders]*zmq.Socket
		var counts [senders]uint64
		for i := range senders {
			push := s.connected(zmq.Push, zmq.WithSendHWM(10), zmq.WithHeartbeat(time.Second, 3*time.Second, 5*time.Second))
			pushes[i] = push
			x := &sender{s: push, flow: &ztest.Flow{ID: uint32(i + 1), Seed: s.rng, Multi: true, Large: 3000}}
			rng := stressRand(s.rng, uint64(i)+20)
			wg.Go(func() {
				for num := uint64(0); ctx.Err() == nil; {
					next, err := x.sendSome(ctx, num, math.MaxInt)
					num = next
					if err != nil && !errors.Is(err, context.Canceled) {
						s.Error(err)
						return
					}
					counts[i] = num
					s.breathe(rng)
				}
			})
		}
		s.storm(time.Minute, func(away time.Duration) {
			end()
			time.Sleep(away)
			_, end = serve()
		})
		stop()
		wg.Wait()
		end()

		// After the storm: whatever is accepted arrives, and arrives last.
		ctx, stop = context.WithCancel(s.ctx)
		_, end = serve()
		for i, push := range pushes {
			s.linked(push)
			x := &sender{s: push, flow: &ztest.Flow{ID: uint32(i + 1), Seed: s.rng, Multi: true, Large: 3000}}
			for num := counts[i]; num < counts[i]+30; num++ {
				if err := x.send(ctx, num); err != nil {
					s.Fatal(err)
				}
			}
		}
		time.Sleep(10 * time.Minute)
		stop()
		end()
		for i, n := range counts {
			for num := n; num < n+30; num++ {
				if !ledger.Has(uint32(i+1), num) {
					s.Fatalf("message %d of flow %d, sent after the storm, is missing", num, i+1)
				}
			}
		}
		if err := ledger.Err(); err != nil {
			s.Error(err)
		}
	})
}

// REQ and REP through the same: every answer is the one to the question, however
// many questions had to be given up.
func TestSimFaultsReqRep(t *testing.T) {
	simSeeds(t, ztest.Size(4, 3000), func(s *sim) {
		ctx, stop := context.WithCancel(s.ctx)
		serve := func() func() {
			rep := s.bound(zmq.Rep, zmq.WithHeartbeat(time.Second, 3*time.Second, 0))
			done := make(chan struct{})
			rng := stressRand(s.rng, 5)
			go func() {
				defer close(done)
				for {
					m, err := rep.Recv(ctx)
					if err != nil {
						return
					}
					s.breathe(rng)
					if rep.Send(ctx, m) != nil {
						return
					}
				}
			}()
			return func() { rep.Close(); <-done }
		}
		end := serve()
		req := s.connected(zmq.Req, zmq.WithReqRelaxed(true), zmq.WithReqCorrelate(true), zmq.WithHeartbeat(time.Second, 3*time.Second, 0))
		over := make(chan struct{})
		answered := 0
		go func() {
			defer close(over)
			for i := 0; ctx.Err() == nil; i++ {
				if s.ask(ctx, req, strconv.Itoa(i)) {
					answered++
				}
			}
		}()
		s.storm(time.Minute, func(away time.Duration) {
			end()
			time.Sleep(away)
			end = serve()
		})
		time.Sleep(30 * time.Second) // the last restart may just have been
		stop()
		<-over
		end()
		if answered < 3 {
			s.Errorf("%d answers", answered)
		}

		ctx, stop = context.WithCancel(s.ctx)
		defer stop()
		end = serve()
		s.linked(req)
		for i := range 10 {
			if !s.ask(ctx, req, fmt.Sprintf("last %d", i)) {
				s.Error("no answer after the storm")
			}
		}
		end()
	})
}

// ask puts a question and waits a while for the answer, which must be its own.
func (s *sim) ask(ctx context.Context, req *zmq.Socket, question string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := req.SendString(ctx, question, "", "body"); err != nil {
		return false
	}
	m, err := req.Recv(ctx)
	if err != nil {
		return false
	}
	if m.Len() != 3 || string(m.Frames[0]) != question {
		s.Errorf("asked %q, answered %v", question, m)
	}
	return true
}

// PUB to SUB through the same: at most once, in order, nothing that was not asked
// for; and after each loss the subscriptions are told again.
func TestSimFaultsPubSub(t *testing.T) {
	simSeeds(t, ztest.Size(4, 3000), func(s *sim) {
		pub := s.bound(zmq.Pub, zmq.WithSendHWM(50), zmq.WithHeartbeat(time.Second, 3*time.Second, 0))
		ctx, stop := context.WithCancel(s.ctx)
		var wg sync.WaitGroup
		var subs []*zmq.Socket
		var ledgers []*ztest.Ledger
		for range 3 {
			sub := s.connected(zmq.Sub, zmq.WithHeartbeat(time.Second, 3*time.Second, 0))
			if err := sub.Subscribe("news"); err != nil {
				s.Fatal(err)
			}
			ledger := ztest.NewLedger()
			subs, ledgers = append(subs, sub), append(ledgers, ledger)
			r := &receiver{s: sub, view: ledger.View(nil), rng: stressRand(s.rng, 4), skip: 1, calm: true}
			wg.Go(func() {
				if err := r.all(ctx, math.MaxInt); !errors.Is(err, context.Canceled) {
					s.Error(err)
				}
			})
		}
		num := uint64(0)
		x := &sender{s: pub, flow: &ztest.Flow{ID: 1, Seed: s.rng, Multi: true, Large: 20_000}, to: []byte("news")}
		publish := func(n int) {
			for range n {
				if err := x.send(ctx, num); err != nil {
					s.Fatal(err)
				}
				num++
				if err := pub.SendString(ctx, "other", "not for you"); err != nil {
					s.Fatal(err)
				}
			}
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			s.storm(time.Minute, func(time.Duration) { s.net.Reset() })
		}()
		rng := stressRand(s.rng, 6)
		for running := true; running; {
			publish(1 + rng.IntN(5))
			select {
			case <-over:
				running = false
			case <-time.After(time.Duration(rng.IntN(100)) * time.Millisecond):
			}
		}
		time.Sleep(30 * time.Second) // heartbeats end what is half dead
		s.linked(subs...)
		if err := pub.WaitSubscribers(ctx, "news", len(subs)); err != nil {
			s.Fatal(err)
		}
		before := num
		publish(20)
		time.Sleep(5 * time.Minute)
		stop()
		wg.Wait()
		for i, ledger := range ledgers {
			for n := before; n < num; n++ {
				if !ledger.Has(1, n) {
					s.Fatalf("subscriber %d did not get message %d, published after the storm", i, n)
				}
			}
			if err := ledger.Err(); err != nil {
				s.Errorf("subscriber %d: %v", i, err)
			}
		}
	})
}

// A PUB never waits for a slow subscriber, and knows how much it did not send: what
// was published is what arrived and what was dropped (promise P9).
func TestSimPubDropsAreCounted(t *testing.T) {
	simulate(t, 1, zmqtest.Faults{Buffer: 2000}, func(s *sim) {
		pub := s.bound(zmq.Pub, zmq.WithSendHWM(10), zmq.WithLinger(-1))
		var subs []*zmq.Socket
		for range 3 {
			sub := s.connected(zmq.Sub, zmq.WithRecvHWM(5))
			if err := sub.Subscribe(""); err != nil {
				s.Fatal(err)
			}
			subs = append(subs, sub)
		}
		if err := pub.WaitSubscribers(s.ctx, "", 3); err != nil {
			s.Fatal(err)
		}
		const n = 3000
		start := time.Now()
		got := [3]uint64{}
		for i := range n {
			if err := pub.Send(s.ctx, big(i)); err != nil {
				s.Fatal(err)
			}
			synctest.Wait()
			for k, sub := range subs[:2] { // the third one does not read
				if k == 1 && i%3 > 0 {
					continue
				}
				if _, err := sub.TryRecv(); err == nil {
					got[k]++
				}
			}
		}
		if d := time.Since(start); d != 0 {
			s.Errorf("publishing took %v", d)
		}
		synctest.Wait()
		for k, sub := range subs {
			for {
				if _, err := sub.TryRecv(); err != nil {
					break
				}
				got[k]++
				synctest.Wait()
			}
		}
		st := pub.Stats()
		if sum := got[0] + got[1] + got[2] + st.Drops.HWM; sum != 3*n || st.Drops.HWM == 0 {
			s.Errorf("published %d to 3, received %v, dropped %+v", n, got, st.Drops)
		}
		if got[0] != n {
			s.Errorf("the fast subscriber got %d of %d", got[0], n)
		}
	})
}
