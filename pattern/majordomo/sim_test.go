package majordomo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/majordomo"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

const endpoint = "tcp://10.0.0.1:5555"

// world is a bubble with a network in memory: what runs in it ends with it.
type world struct {
	*testing.T
	net *zmqtest.Network
	ctx *zmq.Context
	wg  sync.WaitGroup
	end context.CancelFunc
	all context.Context // ends first: two who close one socket would wait on a lock, outside of the bubble's time
}

func simulate(t *testing.T, f zmqtest.Faults, fn func(w *world)) {
	t.Helper()
	seed := zmqtest.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: zmqtest.NewNetwork(seed, f)}
		w.ctx = zmq.NewContext(context.Background(), zmq.WithNetwork(w.net))
		w.all, w.end = context.WithCancel(w.ctx)
		defer func() {
			w.net.Heal()
			w.end()
			w.wg.Wait()
			w.ctx.Close()
		}()
		fn(w)
	})
}

// runs lets something work until stop is called, and returns what became of it.
func (w *world) runs(s actor.Service) (stop func() error) {
	ctx, cancel := context.WithCancel(w.all)
	done := make(chan error, 1)
	w.wg.Go(func() { done <- s.Run(ctx) })
	return sync.OnceValue(func() error {
		cancel()
		return <-done
	})
}

func (w *world) broker(opts ...majordomo.Option) *majordomo.Broker {
	w.Helper()
	b, err := majordomo.NewBroker(append([]majordomo.Option{majordomo.WithBind(endpoint)}, opts...)...)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

func (w *world) worker(name string, h majordomo.Handler, opts ...majordomo.Option) *majordomo.Worker {
	w.Helper()
	k, err := majordomo.NewWorker(endpoint, name, h, opts...)
	if err != nil {
		w.Fatal(err)
	}
	return k
}

func (w *world) client(opts ...majordomo.Option) *majordomo.Client {
	w.Helper()
	c, err := majordomo.NewClient(w.ctx, []string{endpoint}, opts...)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func upper(_ context.Context, r *majordomo.Request) (msg.Msg, error) {
	return msg.New(bytes.ToUpper(r.Body.Pop())), nil
}

func (w *world) call(c *majordomo.Client, service, text, want string) {
	w.Helper()
	m, err := c.Call(w.ctx, service, msg.NewString(text))
	if got := m.PopString(); err != nil || got != want {
		w.Errorf("%s %s: %q, %v; want %q", service, text, got, err, want)
	}
}

// Started in any order, in parts or at once.
func TestServices(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: 3 * time.Millisecond, Slice: 1}, func(w *world) {
		c := w.client()
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			w.call(c, "upper", "early", "EARLY")
		}()
		synctest.Wait()
		w.runs(w.worker("upper", upper))
		w.runs(w.worker("count", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
			for i := range 3 {
				if err := r.Partial(ctx, msg.NewString(fmt.Sprint(i))); err != nil {
					return msg.Msg{}, err
				}
			}
			return msg.Msg{}, nil
		}))
		b := w.broker()
		w.runs(b)
		<-asked
		w.call(c, "upper", "late", "LATE")
		var parts []string
		for m, err := range c.Stream(w.ctx, "count", msg.Msg{}) {
			if err != nil {
				t.Error(err)
			}
			parts = append(parts, m.PopString())
		}
		if fmt.Sprint(parts) != "[0 1 2 ]" {
			t.Errorf("parts %q", parts)
		}
		for range c.Stream(w.ctx, "count", msg.Msg{}) {
			break
		}
		for name, want := range map[string]bool{"upper": true, "lower": false} {
			if has, err := c.Has(w.ctx, name); err != nil || has != want {
				t.Errorf("has %s: %v, %v", name, has, err)
			}
		}
		if _, err := c.Call(w.ctx, "mmi.service", msg.Msg{}); !errors.Is(err, majordomo.ErrService) {
			t.Error(err)
		}
	})
}

// Work that takes longer than the silence that is allowed is no silence.
func TestLongWork(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		b := w.broker()
		w.runs(b)
		w.runs(w.worker("sleep", func(context.Context, *majordomo.Request) (msg.Msg, error) {
			time.Sleep(time.Minute)
			return msg.NewString("rested"), nil
		}))
		w.call(w.client(majordomo.WithTimeout(2*time.Minute)), "sleep", "", "rested")
		if s := b.Stats(); s.WorkersLost != 0 || s.Redelivered != 0 {
			t.Errorf("%v", s)
		}
	})
}

// A worker is cut off without a word while it has a request: another one gets it, within
// the silence that is allowed, and the client need not ask again.
func TestWorkerCutOff(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		b := w.broker()
		w.runs(b)
		var begun atomic.Int32
		work := func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
			if begun.Add(1) == 1 {
				w.net.Partition("10.0.0.2")
			}
			time.Sleep(time.Second)
			return upper(ctx, r)
		}
		far := zmq.NewContext(context.Background(), zmq.WithNetwork(w.net.Host("10.0.0.2")))
		defer far.Close()
		ctx, cancel := context.WithCancel(far)
		lost, ended := w.worker("upper", work), make(chan struct{})
		go func() {
			defer close(ended)
			lost.Run(ctx)
		}()
		<-b.Chan(ctx) // it is ready
		c := w.client(majordomo.WithTimeout(time.Minute))
		done := make(chan struct{})
		w.wg.Go(func() {
			defer close(done)
			w.call(c, "upper", "x", "X")
		})
		synctest.Wait()
		w.runs(w.worker("upper", work))
		start := time.Now()
		<-done
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("it took %v", d)
		}
		if s := b.Stats(); s.Redelivered != 1 || c.Stats().Retries != 0 {
			t.Errorf("%v; %v", s, c.Stats())
		}
		cancel()
		<-ended
	})
}

// A broker that is restarted knows nobody: workers come again, clients ask again.
func TestBrokerRestarts(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		b := w.broker()
		stop := w.runs(b)
		k := w.worker("upper", upper)
		w.runs(k)
		c := w.client(majordomo.WithAttempts(100))
		for i := range 5 {
			w.call(c, "upper", fmt.Sprint("a", i), fmt.Sprint("A", i))
			if err := stop(); err != nil {
				t.Errorf("stopped: %v", err)
			}
			stop = w.runs(b) // the same one, again
			w.call(c, "upper", fmt.Sprint("b", i), fmt.Sprint("B", i))
		}
		if k.Stats().BrokerLost < 5 {
			t.Errorf("%v", k.Stats())
		}
		if err := b.Run(w.ctx); !errors.Is(err, majordomo.ErrRunning) {
			t.Errorf("twice at once: %v", err)
		}
	})
}

// Everything breaks all the time, and every call has its own answer.
func TestLossyNetwork(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: time.Millisecond, Jitter: 10 * time.Millisecond, Slice: 7, Loss: 5000}, func(w *world) {
		b := w.broker(majordomo.WithDeliveries(50))
		w.runs(b)
		for range 3 {
			w.runs(w.worker("upper", upper))
		}
		c := w.client(majordomo.WithAttempts(100), majordomo.WithParallel(4))
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				for i := range 25 {
					w.call(c, "upper", fmt.Sprintf("x%d-%d", g, i), fmt.Sprintf("X%d-%d", g, i))
				}
			})
		}
		all.Wait()
		if s := c.Stats(); s.Answers != 200 || s.Failed != 0 {
			t.Errorf("%v", s)
		}
		t.Log(b.Stats(), c.Stats())
	})
}

// An answer that breaks off is an error, not an answer, and is not asked for again.
func TestAnswerBreaksOff(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.runs(w.broker())
		w.runs(w.worker("half", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
			if err := r.Partial(ctx, msg.NewString("half")); err != nil {
				return msg.Msg{}, err
			}
			<-ctx.Done()
			return msg.Msg{}, ctx.Err()
		}))
		c := w.client()
		parts, last := 0, error(nil)
		for _, err := range c.Stream(w.ctx, "half", msg.Msg{}) {
			if parts++; err != nil {
				last = err
			}
		}
		if parts != 2 || !errors.Is(last, majordomo.ErrNoAnswer) || c.Stats().Retries != 0 {
			t.Errorf("%d parts, %v, %v", parts, last, c.Stats())
		}
	})
}

// What a handler does wrong ends its worker's Run, and nothing else: the request goes to
// another worker, but not for ever.
func TestHandlerPanics(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		b := w.broker(majordomo.WithDeliveries(3))
		w.runs(b)
		var ends []error
		var mu sync.Mutex
		errBad := errors.New("bad")
		for i := range 3 {
			k := w.worker("bad", func(context.Context, *majordomo.Request) (msg.Msg, error) {
				if i == 0 {
					return msg.Msg{}, errBad
				}
				panic("a handler's fault")
			})
			w.wg.Go(func() {
				err := k.Run(w.all)
				mu.Lock()
				defer mu.Unlock()
				ends = append(ends, err)
			})
		}
		w.runs(w.worker("good", upper))
		c := w.client(majordomo.WithAttempts(1))
		if _, err := c.Call(w.ctx, "bad", msg.NewString("x")); !errors.Is(err, majordomo.ErrNoAnswer) {
			t.Error(err)
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		bad, panics := 0, 0
		for _, err := range ends {
			switch {
			case errors.Is(err, errBad):
				bad++
			case errors.Is(err, majordomo.ErrPanic):
				panics++
			}
		}
		if bad != 1 || panics != 2 {
			t.Errorf("the workers ended with %v", ends)
		}
		w.call(c, "good", "x", "X")
		if s := b.Stats(); s.Redelivered != 2 || s.Dropped != 1 {
			t.Errorf("%v", s)
		}
	})
}

// A worker that is told to end sends the answer that its handler still returns, and takes
// its leave.
func TestWorkerEnds(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: time.Millisecond}, func(w *world) {
		b := w.broker()
		w.runs(b)
		begun := make(chan struct{})
		stop := w.runs(w.worker("slow", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
			close(begun)
			<-ctx.Done()
			time.Sleep(time.Second)
			return msg.NewString("just in time"), nil
		}))
		done := make(chan struct{})
		w.wg.Go(func() {
			defer close(done)
			w.call(w.client(majordomo.WithTimeout(time.Minute)), "slow", "", "just in time")
		})
		<-begun
		if err := stop(); err != nil {
			t.Error(err)
		}
		<-done
		time.Sleep(time.Second)
		if s := b.Stats(); s.Workers != 0 || s.Answers != 1 || s.Dropped != 0 {
			t.Errorf("%v", s)
		}
	})
}

// Under a supervisor: the worker that fails is restarted.
func TestSupervised(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		s, err := actor.NewSupervisor(actor.OneForOne)
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int32
		k := w.worker("upper", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
			if n.Add(1)%3 == 0 {
				return msg.Msg{}, errors.New("every third")
			}
			return upper(ctx, r)
		})
		for name, service := range map[string]actor.Service{"broker": w.broker(), "worker": k} {
			if _, err := s.Add(name, actor.ServiceFunc(service), actor.Permanent); err != nil {
				t.Fatal(err)
			}
		}
		stop := w.runs(s)
		c := w.client(majordomo.WithAttempts(20))
		for i := range 9 {
			w.call(c, "upper", fmt.Sprint("x", i), fmt.Sprint("X", i))
			time.Sleep(time.Minute) // so that it does not fail too often
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n.Load() < 12 {
			t.Errorf("only %d requests reached the worker", n.Load())
		}
	})
}

func TestOptions(t *testing.T) {
	for name, err := range map[string]error{
		"no bind":        second(majordomo.NewBroker()),
		"of a client":    second(majordomo.NewBroker(majordomo.WithBind(endpoint), majordomo.WithTimeout(time.Second))),
		"no brokers":     second(majordomo.NewClient(t.Context(), nil)),
		"of a broker":    second(majordomo.NewWorker(endpoint, "x", upper, majordomo.WithQueue(1, 1))),
		"no handler":     second(majordomo.NewWorker(endpoint, "x", nil)),
		"heartbeat of 0": second(majordomo.NewWorker(endpoint, "x", upper, majordomo.WithHeartbeat(0, 1))),
	} {
		if !errors.Is(err, majordomo.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := majordomo.NewWorker(endpoint, "mmi.x", upper); !errors.Is(err, majordomo.ErrService) {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }
