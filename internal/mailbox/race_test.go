package mailbox_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

// TestCancelledRecvLosesNothing: one sender, one receiver whose every Recv has a
// context that ends at a random moment, 100,000 of them before anything came.
func TestCancelledRecvLosesNothing(t *testing.T) {
	a, b := newPair(8, 8)
	var sending sync.WaitGroup
	defer sending.Wait()
	defer b.Close()
	sending.Go(func() {
		for i := 0; a.Send(bg, i) == nil; i++ {
		}
	})
	next := 0
	for cancelled := 0; cancelled < 100_000; {
		ctx, cancel := context.WithCancel(bg)
		if rand.IntN(2) == 0 {
			cancel()
		} else {
			go cancel()
		}
		v, err := b.Recv(ctx)
		cancel()
		if err != nil {
			cancelled++
			runtime.Gosched() // on one processor the sender would seldom run
			continue
		}
		if v != next {
			t.Fatalf("received %d, want %d, after %d cancellations", v, next, cancelled)
		}
		next++
	}
	t.Logf("%d messages in order", next)
}

// TestCancelledSendSendsNothing: what returned nil arrives, in order; what
// returned an error does not.
func TestCancelledSendSendsNothing(t *testing.T) {
	const n = 100_000
	a, b := newPair(2, 2)
	accepted := make(chan int, n)
	go func() {
		defer close(accepted)
		defer a.CloseSend()
		for i := range n {
			ctx, cancel := context.WithCancel(bg)
			go cancel()
			if a.Send(ctx, i) == nil {
				accepted <- i
			} else {
				runtime.Gosched()
			}
			cancel()
		}
	}()
	for {
		v, err := b.Recv(bg)
		if err != nil {
			break
		}
		if want := <-accepted; v != want {
			t.Fatalf("received %d, want %d", v, want)
		}
	}
	if v, more := <-accepted; more {
		t.Fatalf("%d was accepted and never arrived", v)
	}
}

// TestManyOnEachSide has more blocked senders and receivers than slots, with and
// without cancellations: nobody may be forgotten, and each sender's values stay
// in order at each receiver.
func TestManyOnEachSide(t *testing.T) {
	for _, limit := range []int{1, 3, 1000} {
		const senders, receivers, each = 8, 5, 1500
		a, b := newPair(limit, limit)
		var sending, receiving sync.WaitGroup
		for s := range senders {
			sending.Go(func() {
				for i := 0; i < each; {
					ctx, cancel := context.WithCancel(bg)
					if i%7 == s%7 {
						go cancel()
					}
					if a.Send(ctx, s*each+i) == nil {
						i++
					} else {
						runtime.Gosched()
					}
					cancel()
				}
			})
		}
		var mu sync.Mutex
		total := 0
		for r := range receivers {
			receiving.Go(func() {
				var next [senders]int
				for count := 0; ; count++ {
					ctx, cancel := context.WithCancel(bg)
					if count%5 == r {
						go cancel()
					}
					n, err := b.Recv(ctx)
					v := [2]int{n / each, n % each}
					cancel()
					if err == context.Canceled {
						runtime.Gosched()
						continue
					}
					if err != nil {
						return
					}
					if v[1] < next[v[0]] {
						t.Errorf("limit %d: sender %d's %d came after %d", limit, v[0], v[1], next[v[0]]-1)
					}
					next[v[0]] = v[1] + 1
					mu.Lock()
					total++
					mu.Unlock()
				}
			})
		}
		sending.Wait()
		a.CloseSend()
		receiving.Wait()
		if total != senders*each {
			t.Errorf("limit %d: received %d, want %d", limit, total, senders*each)
		}
	}
}

// TestPolledPairNeverStalls drives both sides by Notify and the Try methods only.
func TestPolledPairNeverStalls(t *testing.T) {
	const n = 20_000
	for _, limit := range []int{1, 7, 1000} {
		a, b := newPair(limit, limit)
		var both sync.WaitGroup
		both.Go(func() {
			c := make(chan struct{}, 1)
			defer a.Notify(c)()
			for i := 0; i < n; {
				if a.TrySend(i) == nil {
					i++
				} else {
					<-c
				}
			}
		})
		both.Go(func() {
			c := make(chan struct{}, 1)
			defer b.Notify(c)()
			for i := 0; i < n; {
				if v, err := b.TryRecv(); err != nil {
					<-c
				} else if v != i {
					t.Errorf("limit %d: received %d, want %d", limit, v, i)
					return
				} else {
					i++
				}
			}
		})
		both.Wait()
	}
}

// TestCloseMeetsTraffic: the books balance whatever a Close interrupts.
func TestCloseMeetsTraffic(t *testing.T) {
	for range 2000 {
		a, b := newPair(4, 4)
		var sent, received, dropped int
		var all sync.WaitGroup
		all.Go(func() {
			for a.Send(bg, sent) == nil {
				sent++
			}
		})
		all.Go(func() {
			for {
				if _, err := b.Recv(bg); err != nil {
					return
				}
				received++
			}
		})
		all.Go(func() { dropped = b.Close() })
		all.Wait()
		if sent != received+dropped {
			t.Fatalf("sent %d, received %d, thrown away %d", sent, received, dropped)
		}
	}
}
