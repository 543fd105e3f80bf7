package lazypirate_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

const (
	first  = "tcp://10.0.0.1:5555"
	second = "tcp://10.0.0.2:5555"
)

// world is a bubble with a network in memory.
type world struct {
	*testing.T
	net *zmqtest.Network
	ctx *zmq.Context
	wg  sync.WaitGroup
}

func simulate(t *testing.T, f zmqtest.Faults, fn func(w *world)) {
	seed := zmqtest.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: zmqtest.NewNetwork(seed, f)}
		w.ctx = zmq.NewContext(context.Background(), zmq.WithNetwork(w.net))
		defer func() {
			w.net.Heal()
			w.ctx.Close()
			w.wg.Wait()
		}()
		fn(w)
	})
}

// serve answers requests at an endpoint until the socket closes: think says how long each
// takes.
func (w *world) serve(endpoint string, think func(n int) time.Duration) *zmq.Socket {
	rep, err := zmq.NewRep(w.ctx, zmq.WithLinger(0))
	if err == nil {
		_, err = rep.Bind(endpoint)
	}
	if err != nil {
		w.Fatal(err)
	}
	w.wg.Go(func() {
		n := 0
		for m, err := range rep.Messages(w.ctx) {
			if err != nil {
				return
			}
			n++
			if think != nil {
				time.Sleep(think(n))
			}
			if rep.SendString(w.ctx, endpoint+" "+m.PopString()) != nil {
				return
			}
		}
	})
	return rep
}

func (w *world) caller(endpoints []string, opts ...lazypirate.Option) *lazypirate.Caller {
	c, err := lazypirate.New(w.ctx, endpoints, opts...)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) call(c *lazypirate.Caller, text, want string) {
	w.Helper()
	m, err := c.Call(w.ctx, msg.NewString(text))
	if got := m.PopString(); err != nil || got != want {
		w.Errorf("%s: %q, %v; want %q", text, got, err, want)
	}
}

// A server that is frozen answers late: the attempt that it answers has gone, and no
// later request gets its answer.
func TestLateAnswerIsNobodys(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: 5 * time.Millisecond, Slice: 1}, func(w *world) {
		w.serve(first, func(n int) time.Duration {
			if n == 2 {
				return 4 * time.Second
			}
			return 0
		})
		c := w.caller([]string{first}, lazypirate.WithTimeout(time.Second), lazypirate.WithAttempts(10))
		for i := range 5 {
			w.call(c, fmt.Sprint(i), fmt.Sprintf("%s %d", first, i))
		}
		if s := c.Stats(); s.Calls != 5 || s.Answers != 5 || s.Retries == 0 || s.Failed != 0 {
			t.Errorf("%v", s)
		}
	})
}

// What a dead server does not answer the next one does, from then on at once.
func TestNextServer(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.serve(second, nil)
		c := w.caller([]string{first, second}, lazypirate.WithTimeout(time.Second))
		events := c.Events(w.ctx)
		start := time.Now()
		w.call(c, "a", second+" a")
		if d := time.Since(start); d < time.Second || d > 1200*time.Millisecond {
			t.Errorf("the first answer took %v", d)
		}
		for e := range events {
			if e.Kind != lazypirate.Retry || e.Endpoint != first || e.Attempt != 1 || e.Err == nil {
				t.Errorf("event %v", e)
			}
			break
		}
		start = time.Now()
		w.call(c, "b", second+" b")
		if d := time.Since(start); d > 10*time.Millisecond {
			t.Errorf("the second answer took %v", d)
		}
	})
}

// A server that is cut off without a word, and comes back.
func TestPartition(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.serve(first, nil)
		c := w.caller([]string{first}, lazypirate.WithAttempts(5))
		w.call(c, "before", first+" before")
		w.net.Partition()
		time.AfterFunc(6*time.Second, w.net.Heal)
		w.call(c, "during", first+" during")
		if s := c.Stats(); s.Retries != 2 {
			t.Errorf("%v", s)
		}
	})
}

// All that breaks connections breaks calls into attempts, and nothing else.
func TestLossyNetwork(t *testing.T) {
	simulate(t, zmqtest.Faults{Delay: time.Millisecond, Jitter: 20 * time.Millisecond, Slice: 3, Loss: 2000}, func(w *world) {
		w.serve(first, nil)
		w.serve(second, nil)
		c := w.caller([]string{first, second}, lazypirate.WithAttempts(50), lazypirate.WithParallel(4))
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				for i := range 25 {
					text := fmt.Sprint(g, i)
					m, err := c.Call(w.ctx, msg.NewString(text))
					if got := m.PopString(); err != nil || got != first+" "+text && got != second+" "+text {
						t.Errorf("%s: %q, %v", text, got, err)
					}
				}
			})
		}
		all.Wait()
		if s := c.Stats(); s.Answers != 200 || s.Retries == 0 {
			t.Errorf("%v", s)
		}
	})
}

// What ends a call says why, and leaves nothing behind.
func TestEnds(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		c := w.caller([]string{first}, lazypirate.WithTimeout(time.Second), lazypirate.WithAttempts(2))
		_, err := c.Call(w.ctx, msg.NewString("x"))
		if !errors.Is(err, lazypirate.ErrNoAnswer) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody there: %v", err)
		}
		ctx, cancel := context.WithTimeout(w.ctx, 300*time.Millisecond)
		defer cancel()
		if _, err := c.Call(ctx, msg.NewString("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller's own deadline: %v", err)
		}
		w.wg.Go(func() {
			if _, err := c.Call(w.ctx, msg.NewString("x")); !errors.Is(err, lazypirate.ErrClosed) {
				t.Errorf("closed under a call: %v", err)
			}
		})
		synctest.Wait()
		for range 2 {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := c.Call(w.ctx, msg.NewString("x")); !errors.Is(err, lazypirate.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

// Shutdown lets a call end, and ends it when it takes too long.
func TestShutdown(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.serve(first, func(int) time.Duration { return time.Second })
		for _, c := range []struct {
			patience time.Duration
			want     error
		}{{2 * time.Second, nil}, {time.Millisecond, lazypirate.ErrClosed}} {
			caller := w.caller([]string{first})
			called := make(chan error, 1)
			go func() {
				_, err := caller.Call(w.ctx, msg.NewString("x"))
				called <- err
			}()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(w.ctx, c.patience)
			err := caller.Shutdown(ctx)
			cancel()
			if (err == nil) != (c.want == nil) {
				t.Errorf("shutdown in %v: %v", c.patience, err)
			}
			if err := <-called; !errors.Is(err, c.want) {
				t.Errorf("the call, shutdown in %v: %v", c.patience, err)
			}
			time.Sleep(2 * time.Second) // the server's answer to nobody
		}
	})
}

// The actor answers several at once, and dies with its context only.
func TestActor(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.serve(first, func(int) time.Duration { return time.Millisecond })
		a, err := actor.New(w.ctx, lazypirate.Actor([]string{first}))
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				m, err := actor.Ask(w.ctx, a, &lazypirate.Request{Message: msg.NewString(fmt.Sprint(i))})
				if got := m.PopString(); err != nil || got != fmt.Sprint(first, " ", i) {
					t.Errorf("%d: %q, %v", i, got, err)
				}
			})
		}
		all.Wait()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A supervisor restarts an actor that fails, and the next life answers.
func TestSupervised(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		w.serve(first, nil)
		s, err := actor.NewSupervisor(actor.OneForOne)
		if err != nil {
			t.Fatal(err)
		}
		a, err := actor.Supervise(s, "orders", lazypirate.Actor([]string{first}), actor.Permanent)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(w.ctx)
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		for i := range 3 {
			m, err := actor.Ask(w.ctx, a, &lazypirate.Request{Message: msg.NewString(fmt.Sprint(i))})
			if got := m.PopString(); err != nil || got != fmt.Sprint(first, " ", i) {
				t.Errorf("%d: %q, %v", i, got, err)
			}
			if err := a.Tell(w.ctx, "what it does not know"); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute) // so that it does not fail too often
		}
		if st := a.Stats(); st.Restarts != 3 {
			t.Errorf("%v", st)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Every attempt that fails is told, with the last as GaveUp, and to a slow reader how many
// are missing.
func TestEvents(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		const calls, attempts = 600, 2 // more than wait for a reader
		c := w.caller([]string{first, second}, lazypirate.WithAttempts(attempts), lazypirate.WithTimeout(time.Millisecond), lazypirate.WithPause(0))
		events := c.Events(w.ctx)
		if _, err := c.Call(w.ctx, msg.NewString("x")); !errors.Is(err, lazypirate.ErrNoAnswer) {
			t.Error(err)
		}
		n := 0
		for e := range events {
			want := []lazypirate.Event{{Kind: lazypirate.Retry, Endpoint: first}, {Kind: lazypirate.GaveUp, Endpoint: second}}[n]
			if n++; e.Kind != want.Kind || e.Endpoint != want.Endpoint || e.Attempt != n || e.Err == nil {
				t.Errorf("%v, want %v", e, want)
			}
			if n == attempts {
				break
			}
		}
		var all sync.WaitGroup
		for range calls {
			all.Go(func() {
				if _, err := c.Call(w.ctx, msg.NewString("x")); !errors.Is(err, lazypirate.ErrNoAnswer) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		told, missed := 0, 0
		for e := range events {
			if e.Kind == lazypirate.Missed {
				missed += int(e.N)
			} else {
				told++
			}
			if told+missed >= calls*attempts {
				break
			}
		}
		if missed == 0 || told+missed != calls*attempts {
			t.Errorf("%d told, %d missed", told, missed)
		}
	})
}

func TestOptions(t *testing.T) {
	for name, opt := range map[string]lazypirate.Option{
		"timeout": lazypirate.WithTimeout(0), "attempts": lazypirate.WithAttempts(0), "pause": lazypirate.WithPause(-1),
		"parallel": lazypirate.WithParallel(0), "slog": lazypirate.WithSlog(nil),
	} {
		if _, err := lazypirate.New(t.Context(), []string{first}, opt); !errors.Is(err, lazypirate.ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := lazypirate.New(t.Context(), nil); !errors.Is(err, lazypirate.ErrInvalidOption) {
		t.Errorf("no endpoints: %v", err)
	}
}
