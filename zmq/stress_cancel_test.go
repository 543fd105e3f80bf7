package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// A call that was cancelled has sent, or taken, nothing; one that returns nil has.
// Contexts end, and timeouts pass, at every moment there is (promise P6).
func TestStressCancel(t *testing.T) {
	kinds := []struct {
		name     string
		from, to zmq.Type
		skip     int
	}{
		{"PUSH-PULL", zmq.Push, zmq.Pull, 0},
		{"DEALER-ROUTER", zmq.Dealer, zmq.Router, 1},
		{"PAIR-PAIR", zmq.Pair, zmq.Pair, 0},
	}
	for _, k := range kinds {
		for _, tr := range stressTransports {
			t.Run(k.name+"/"+tr.name, func(t *testing.T) {
				ztest.Watchdog(t, 20*time.Minute)
				c := newCanceller(t, ztest.Size(700, 60_000))
				c.push, c.pull = stressLink(t, t.Context(), tr.endpoint, k.from, k.to, zmq.WithSendHWM(3), zmq.WithRecvHWM(3))
				c.skip = k.skip
				c.run(t)
			})
		}
	}
}

// canceller is one such test: several goroutines on both sides of one link, whose
// calls are cancelled until there have been enough cancellations.
type canceller struct {
	push, pull *zmq.Socket
	skip       int
	want       int64
	seed       uint64
	cancelled  [2]atomic.Int64 // sends, receives
	sent       atomic.Int64
	received   atomic.Int64
	over       atomic.Bool // senders stop
	ended      atomic.Bool // they have
	ledger     *ztest.Ledger
}

func newCanceller(t *testing.T, n int) *canceller {
	return &canceller{want: int64(n), seed: ztest.Seed(t), ledger: ztest.NewLedger()}
}

const cancelWorkers = 3

func (c *canceller) run(t *testing.T) {
	var senders, receivers sync.WaitGroup
	var counts [cancelWorkers]uint64
	for i := range cancelWorkers {
		senders.Go(func() { counts[i] = c.send(t, i) })
		receivers.Go(func() { c.receive(t, i) })
	}
	c.changeTimeouts()
	senders.Wait()
	c.ended.Store(true)
	receivers.Wait()
	for i, n := range counts {
		if err := c.ledger.Complete(uint32(i+1), n); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d messages, %d sends and %d receives cancelled", c.sent.Load(), c.cancelled[0].Load(), c.cancelled[1].Load())
}

// changeTimeouts lets calls end by the socket's own timeouts as well.
func (c *canceller) changeTimeouts() {
	rng := stressRand(c.seed, 99)
	for !c.over.Load() {
		d := time.Duration(rng.IntN(100)) * time.Microsecond
		if rng.IntN(2) == 0 {
			d = -1
		}
		_ = c.push.Set(zmq.WithSendTimeout(d))
		_ = c.pull.Set(zmq.WithRecvTimeout(d))
		if c.cancelled[0].Load() >= c.want && c.cancelled[1].Load() >= c.want {
			c.over.Store(true)
		}
		time.Sleep(200 * time.Microsecond)
	}
	_ = c.push.Set(zmq.WithSendTimeout(-1))
}

// moment is a context that ends about now, in one of several ways.
func moment(rng *rand.Rand) (context.Context, func()) {
	switch rng.IntN(4) {
	case 0: // has ended already
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return ctx, cancel
	case 1: // a caller cancels it
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		return ctx, cancel
	case 2:
		return context.WithTimeout(context.Background(), time.Duration(rng.IntN(60))*time.Microsecond)
	}
	// Long enough that the queues do not only fill, or only empty.
	return context.WithTimeout(context.Background(), time.Duration(rng.IntN(500))*time.Microsecond)
}

// expected reports whether err is one that a cancelled call may return.
func expected(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, zmq.ErrAgain) && errors.Is(err, os.ErrDeadlineExceeded)
}

// send sends a flow; what was cancelled is sent again.
func (c *canceller) send(t *testing.T, worker int) (num uint64) {
	rng := stressRand(c.seed, uint64(worker))
	x := &sender{s: c.push, flow: &ztest.Flow{ID: uint32(worker + 1), Seed: c.seed, Multi: true}}
	for !c.over.Load() {
		ctx, cancel := moment(rng)
		err := x.send(ctx, num)
		cancel()
		switch {
		case err == nil:
			num++
			c.sent.Add(1)
		case expected(err):
			c.cancelled[0].Add(1)
		default:
			t.Error(err)
			return num
		}
		if rng.IntN(64) == 0 { // let the receivers wait as well
			time.Sleep(time.Duration(rng.IntN(200)) * time.Microsecond)
		}
	}
	return num
}

// receive takes messages until all that were sent are there.
func (c *canceller) receive(t *testing.T, worker int) {
	rng := stressRand(c.seed, uint64(worker)+10)
	r := &receiver{s: c.pull, view: c.ledger.View(nil), rng: rng, skip: c.skip, calm: true}
	for last := time.Now(); ; {
		ctx, cancel := moment(rng)
		n, err := r.some(ctx)
		cancel()
		switch {
		case err == nil:
			c.received.Add(int64(n))
			last = time.Now()
		case expected(err):
			c.cancelled[1].Add(1)
		default:
			t.Error(err)
			return
		}
		if c.ended.Load() && c.received.Load() == c.sent.Load() && time.Since(last) > 50*time.Millisecond {
			return
		}
		if c.ended.Load() && time.Since(last) > ztest.Patience {
			t.Error(fmt.Errorf("%d of %d messages", c.received.Load(), c.sent.Load()))
			return
		}
		if rng.IntN(64) == 0 {
			time.Sleep(time.Duration(rng.IntN(200)) * time.Microsecond)
		}
	}
}

// A receiver that is cancelled at the moment it is woken passes the wake-up on: the
// message does not lie there while another receiver waits.
func TestStressCancelledReceiverPassesOn(t *testing.T) {
	for _, tr := range stressTransports {
		t.Run(tr.name, func(t *testing.T) {
			ztest.Watchdog(t, 5*time.Minute)
			push, pull := stressLink(t, t.Context(), tr.endpoint, zmq.Push, zmq.Pull)
			rng := stressRand(ztest.Seed(t), 1)
			for i := range ztest.Size(600, 100_000) {
				fickle, cancel := context.WithCancel(context.Background())
				patient, done := context.WithTimeout(context.Background(), ztest.Patience)
				a := receiveOne(fickle, pull) // the one who is woken first, as a rule
				for range rng.IntN(300) {
					runtime.Gosched()
				}
				b := receiveOne(patient, pull)
				for range rng.IntN(300) {
					runtime.Gosched()
				}
				if i%2 == 0 {
					cancel() // it knows, and has not left yet
				} else {
					go cancel()
				}
				err := push.SendString(t.Context(), "x")
				if err == nil && <-a == nil { // then this one is for the other
					err = push.SendString(t.Context(), "x")
				}
				if err = errors.Join(err, <-b); err != nil {
					t.Fatalf("round %d: %v", i, err)
				}
				cancel()
				done()
			}
		})
	}
}

// receiveOne receives a message in the background.
func receiveOne(ctx context.Context, s *zmq.Socket) <-chan error {
	c := make(chan error, 1)
	go func() {
		_, err := s.Recv(ctx)
		c <- err
	}()
	return c
}
