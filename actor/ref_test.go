package actor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// The messages of an account: two plain ones and a question.
type (
	deposit  struct{ amount int }
	fail     struct{ how string }
	withdraw struct {
		amount int
		actor.Answer[int]
	}
	// other is a question that an account does not take.
	other struct{ actor.Answer[string] }
)

type accountMsg interface{ account() }

func (deposit) account()   {}
func (fail) account()      {}
func (*withdraw) account() {}

var errPoor = errors.New("not enough")

// account keeps a balance, which each life begins with 0.
func account(c *actor.Context[accountMsg]) (actor.Handler[accountMsg], error) {
	balance := 0
	return func(c *actor.Context[accountMsg], m accountMsg) error {
		switch m := m.(type) {
		case deposit:
			balance += m.amount
		case *withdraw:
			if m.amount > balance {
				return m.Fail(errPoor)
			}
			balance -= m.amount
			return m.Reply(balance)
		case fail:
			return failAs(m.how)
		}
		return nil
	}, nil
}

func failAs(how string) error {
	switch how {
	case "panic":
		panic(errBoom)
	case "goexit":
		runtime.Goexit()
	case "no restart":
		return fmt.Errorf("%w: enough", actor.ErrNoRestart)
	}
	return errBoom
}

// open starts a typed actor that is closed when the test ends.
func open[M any](t *testing.T, setup actor.Setup[M], opts ...actor.Option) *actor.Ref[M] {
	t.Helper()
	r, err := actor.New(bg, setup, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, r) })
	return r
}

// handler is the setup of an actor without state.
func handler[M any](h actor.Handler[M]) actor.Setup[M] {
	return func(*actor.Context[M]) (actor.Handler[M], error) { return h, nil }
}

func tellAll[M any](t *testing.T, r *actor.Ref[M], all ...M) {
	t.Helper()
	for _, m := range all {
		if err := r.Tell(bg, m); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAccount(t *testing.T) {
	a := open(t, account)
	tellAll[accountMsg](t, a, deposit{10}, deposit{20})
	if left, err := actor.Ask(bg, a, &withdraw{amount: 12}); left != 18 || err != nil {
		t.Errorf("Ask = %d, %v", left, err)
	}
	if _, err := actor.Ask(bg, a, &withdraw{amount: 100}); err != errPoor {
		t.Errorf("Ask for too much = %v", err)
	}
	if _, err := actor.Ask(bg, a, &other{}); !errors.Is(err, actor.ErrType) || !strings.Contains(err.Error(), "other") {
		t.Errorf("a question of another type: %v", err)
	}
	q := &withdraw{amount: 1}
	if _, err := actor.Ask(bg, a, q); err != nil {
		t.Error(err)
	}
	if _, err := actor.Ask(bg, a, q); err != actor.ErrAsked {
		t.Errorf("a question that was asked before: %v", err)
	}
	if err := q.Reply(1); err != actor.ErrReplied {
		t.Errorf("a second answer: %v", err)
	}
	tellAll[accountMsg](t, a, &withdraw{amount: 1}) // nobody asks
	if err := a.Shutdown(bg); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
	if n := a.Stats().Unasked; n != 1 {
		t.Errorf("%d answers to what was not asked", n)
	}
	if err := a.Tell(bg, deposit{1}); err != actor.ErrClosed || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Tell = %v", err)
	}
	if _, err := actor.Ask(bg, a, &withdraw{}); err != actor.ErrClosed {
		t.Errorf("Ask = %v", err)
	}
}

// What is wrong at the start is New's error, whichever way it shows.
func TestNewFails(t *testing.T) {
	for name, c := range map[string]struct {
		setup actor.Setup[int]
		want  error
	}{
		"error":   {func(*actor.Context[int]) (actor.Handler[int], error) { return nil, errBoom }, errBoom},
		"panic":   {func(*actor.Context[int]) (actor.Handler[int], error) { panic(errBoom) }, errBoom},
		"nothing": {func(*actor.Context[int]) (actor.Handler[int], error) { return nil, nil }, nil},
		"goexit":  {func(*actor.Context[int]) (actor.Handler[int], error) { runtime.Goexit(); return nil, nil }, nil},
		"stop": {func(c *actor.Context[int]) (actor.Handler[int], error) {
			c.Stop()
			return nil, c.Err()
		}, actor.ErrNotReady},
	} {
		r, err := actor.New(bg, c.setup)
		if r != nil || err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: New = %v, %v", name, r, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		never := func(c *actor.Context[int]) (actor.Handler[int], error) { <-c.Done(); return nil, c.Err() }
		if _, err := actor.New(bg, never, actor.WithReadyTimeout(time.Second)); !errors.Is(err, actor.ErrNotReady) {
			t.Errorf("never ready: %v", err)
		}
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if _, err := actor.New(ctx, never); err != context.DeadlineExceeded {
			t.Errorf("New with a context that ends: %v", err)
		}
	})
	for _, o := range []actor.Option{actor.WithMailbox(0), actor.WithIntensity(1, 1), actor.WithReadyTimeout(-1), actor.WithOverflow(9)} {
		if _, err := actor.New(bg, account, o); !errors.Is(err, actor.ErrOption) {
			t.Errorf("New = %v", err)
		}
	}
}

// An actor has a goroutine only while there is work.
func TestIdleActorHasNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	all := make([]*actor.Ref[accountMsg], 1000)
	for i := range all {
		all[i] = open(t, account)
		tellAll[accountMsg](t, all[i], deposit{1})
	}
	for _, a := range all {
		if _, err := actor.Ask(bg, a, &withdraw{amount: 1}); err != nil {
			t.Fatal(err)
		}
	}
	for runtime.NumGoroutine() > before+10 { // they have answered, and are about to end
		runtime.Gosched()
	}
}

// The end of the parent's context, of a life that rests or works, is the actor's.
func TestParentsEndStopsTheRef(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(bg)
		rests, _ := actor.New(ctx, account)
		works, _ := actor.New(ctx, handler(func(c *actor.Context[int], _ int) error { <-c.Done(); return c.Err() }))
		tellAll(t, works, 1, 2, 3)
		synctest.Wait()
		cancel()
		<-rests.Done()
		<-works.Done()
		if rests.Err() != nil || works.Err() != nil {
			t.Errorf("Err = %v, %v", rests.Err(), works.Err())
		}
		var unsent *actor.UnsentError
		if err := works.Close(); !errors.As(err, &unsent) || unsent.N != 2 {
			t.Errorf("Close = %v, want 2 not delivered", err)
		}
		if s := works.Stats(); s.Undelivered != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// The asker of a question in hand gets the cause, a message in hand is a counted dead
// letter, and what is queued survives.
func TestRestartKeepsTheMailbox(t *testing.T) {
	for how, want := range map[string]error{"panic": errBoom, "error": errBoom, "goexit": nil} {
		synctest.Test(t, func(t *testing.T) {
			type msg interface{}
			type bad struct{ actor.Answer[int] }
			var got []int
			sup := supervisor(actor.OneForOne)
			a, err := actor.Supervise(sup, "a", handler(func(_ *actor.Context[msg], m msg) error {
				switch m := m.(type) {
				case int:
					got = append(got, m)
				case string:
					return failAs(m)
				case *bad:
					return failAs(how)
				}
				return nil
			}), actor.Permanent)
			if err != nil {
				t.Fatal(err)
			}
			events := sup.Events(bg)
			asked := make(chan error, 1)
			tellAll[msg](t, a, 1, how, 2)
			go func() {
				_, err := actor.Ask(bg, a, &bad{})
				asked <- err
			}()
			synctest.Wait()
			tellAll[msg](t, a, 3)
			ctx, cancel := context.WithCancel(bg)
			done := make(chan error)
			go func() { done <- sup.Run(ctx) }()
			time.Sleep(time.Second) // the second failure in a row waits
			synctest.Wait()
			err = <-asked
			if !errors.Is(err, actor.ErrNoReply) || want != nil && !errors.Is(err, want) {
				t.Errorf("%s: Ask = %v", how, err)
			}
			if fmt.Sprint(got) != "[1 2 3]" {
				t.Errorf("%s: received %v", how, got)
			}
			if s := a.Stats(); s.DeadLetters != 1 || s.Restarts != 2 {
				t.Errorf("%s: %+v", how, s)
			}
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run = %v", err)
			}
			dead := 0
			for e := range events {
				if e.Kind == actor.DeadLetter && e.Type == "string" && e.Child == "a" {
					dead++
				}
			}
			if dead != 1 {
				t.Errorf("%s: %d events of dead letters", how, dead)
			}
		})
	}
}

// A question whose asker has left is not worked on, and neither is one that waits
// behind a slow one beyond its deadline (of 100 of 10 ms with a deadline of 50 ms, 4
// were answered and all worked on).
func TestExpiredQuestions(t *testing.T) {
	type slow struct{ actor.Answer[int] }
	const each, patience = 10 * time.Millisecond, 55 * time.Millisecond
	work := func(ask func(ctx context.Context) error) (answered int) {
		var wg sync.WaitGroup
		var n atomic.Int64
		for range 100 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(bg, patience)
				defer cancel()
				if ask(ctx) == nil {
					n.Add(1)
				}
			})
		}
		wg.Wait()
		return int(n.Load())
	}
	synctest.Test(t, func(t *testing.T) {
		worked := 0
		a := open(t, handler(func(_ *actor.Context[*slow], m *slow) error {
			worked++
			time.Sleep(each)
			return m.Reply(1)
		}))
		answered := work(func(ctx context.Context) error { _, err := actor.Ask(ctx, a, &slow{}); return err })
		_ = a.Shutdown(bg)
		if s := a.Stats(); answered != 5 || worked > 6 || int(s.Expired) != 100-worked {
			t.Errorf("%d answered, %d worked on, %d expired", answered, worked, s.Expired)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		worked := 0
		a := spawn(t, func(ctx context.Context, p *actor.Pipe) error {
			for m, err := range p.Messages(ctx) {
				if err != nil {
					return err
				}
				worked++
				time.Sleep(each)
				_ = p.Reply(ctx, m)
			}
			return nil
		})
		answered := work(func(ctx context.Context) error { _, err := a.Ask(ctx, text("x")); return err })
		_ = a.Shutdown(bg)
		if s := a.Stats(); answered != 5 || worked > 6 || int(s.Expired) != 100-worked {
			t.Errorf("frames: %d answered, %d worked on, %d expired", answered, worked, s.Expired)
		}
	})
}

// A panic is never taken for the end that an actor was told of.
func TestPanicAfterTheEndIsAnError(t *testing.T) {
	for name, v := range map[string]error{"closed": net.ErrClosed, "canceled": context.Canceled, "actor": actor.ErrClosed} {
		a := spawn(t, func(ctx context.Context, p *actor.Pipe) error { p.Ready(); <-ctx.Done(); panic(v) })
		stop(t, a)
		begun := make(chan bool)
		r := open(t, handler(func(c *actor.Context[int], _ int) error { begun <- true; <-c.Done(); panic(v) }))
		tellAll(t, r, 1)
		<-begun
		stop(t, r)
		for _, u := range []actor.Unit{a, r} {
			var p *actor.PanicError
			if !errors.As(u.Err(), &p) || !errors.Is(u.Err(), v) {
				t.Errorf("%s: Err of %T = %v", name, u, u.Err())
			}
		}
	}
}

// A drained actor that fails midway is restarted for the rest of its mailbox.
func TestShutdownOutlivesAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.OneForOne)
		var got []string
		frames, _ := sup.Add("frames", func(ctx context.Context, p *actor.Pipe) error {
			for m, err := range p.Messages(ctx) {
				if err != nil {
					return err
				}
				s := m.PopString()
				if s == "bad" {
					return errBoom
				}
				got = append(got, s)
			}
			return nil
		}, actor.Permanent)
		var values []int
		typed, _ := actor.Supervise(sup, "typed", handler(func(_ *actor.Context[int], n int) error {
			if n < 0 {
				return errBoom
			}
			values = append(values, n)
			return nil
		}), actor.Transient)
		for _, s := range []string{"1", "bad", "2", "bad", "3"} {
			_ = frames.Send(bg, text(s))
		}
		tellAll(t, typed, 1, -1, 2, -1, 3)
		ctx, cancel := context.WithCancel(bg)
		done := make(chan error)
		go func() { done <- sup.Run(ctx) }()
		for _, u := range []actor.Unit{frames, typed} {
			if err := u.Shutdown(bg); err != nil {
				t.Errorf("Shutdown = %v", err)
			}
		}
		if fmt.Sprint(got, values) != "[1 2 3] [1 2 3]" {
			t.Errorf("received %v %v", got, values)
		}
		if n := len(sup.Children()); n != 0 {
			t.Errorf("%d children are left", n)
		}
		cancel()
		<-done
	})
}

// Handlers: what they may do with their context.

type step struct {
	do string
	actor.Answer[string]
}

func TestBecome(t *testing.T) {
	var closed actor.Handler[*step]
	opened := func(c *actor.Context[*step], m *step) error {
		if m.do == "close" {
			c.Become(closed)
		}
		return m.Reply("opened")
	}
	closed = func(c *actor.Context[*step], m *step) error {
		if m.do == "open" {
			c.Become(opened)
		}
		return m.Reply("closed")
	}
	door := open(t, handler(closed))
	for _, s := range []struct{ do, was string }{{"look", "closed"}, {"open", "closed"}, {"look", "opened"}, {"close", "opened"}, {"look", "closed"}} {
		if was, err := actor.Ask(bg, door, &step{do: s.do}); was != s.was || err != nil {
			t.Errorf("%s: %s, %v; want %s", s.do, was, err, s.was)
		}
	}
}

// What is put aside comes back in order, before what came later; also to the next
// life, and a question is still answered.
func TestStash(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			type msg any
			var got []string
			lives := 0
			sup := supervisor(actor.OneForOne)
			a, _ := actor.Supervise(sup, "a", func(*actor.Context[msg]) (actor.Handler[msg], error) {
				lives++
				ready := lives > 1
				return func(c *actor.Context[msg], m msg) error {
					switch m := m.(type) {
					case string:
						if m == "ready" {
							if restart {
								return errBoom
							}
							ready = true
							c.Unstash()
							return nil
						}
						if !ready {
							return c.Stash()
						}
						got = append(got, m)
					case *step:
						if !ready {
							return c.Stash()
						}
						got = append(got, m.do)
						return m.Reply("done")
					}
					return nil
				}, nil
			}, actor.Permanent, actor.WithMailbox(4))
			ctx, cancel := context.WithCancel(bg)
			done := make(chan error)
			go func() { done <- sup.Run(ctx) }()
			tellAll[msg](t, a, "1", "2")
			asked := make(chan string)
			go func() {
				s, err := actor.Ask(bg, a, &step{do: "3"})
				asked <- fmt.Sprint(s, err)
			}()
			synctest.Wait()
			if n := a.Stats().Stashed; n != 3 {
				t.Errorf("%d stashed", n)
			}
			tellAll[msg](t, a, "ready", "4")
			if s := <-asked; s != "done<nil>" {
				t.Errorf("restart %v: Ask = %s", restart, s)
			}
			synctest.Wait()
			if !slices.Equal(got, []string{"1", "2", "3", "4"}) {
				t.Errorf("restart %v: received %v", restart, got)
			}
			cancel()
			<-done
		})
	}
}

func TestStashIsBounded(t *testing.T) {
	var errs []error
	a := open(t, handler(func(c *actor.Context[int], n int) error { errs = append(errs, c.Stash()); return nil }), actor.WithMailbox(2))
	tellAll(t, a, 1, 2, 3)
	var unsent *actor.UnsentError
	if err := a.Shutdown(bg); !errors.As(err, &unsent) || unsent.N != 2 {
		t.Errorf("Shutdown = %v, want 2 not delivered", err)
	}
	if len(errs) != 3 || errs[1] != nil || errs[2] != actor.ErrMailboxFull {
		t.Errorf("Stash = %v", errs)
	}
}

func TestTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var got []string
		note := func(s string) { got = append(got, fmt.Sprint(s, "@", time.Since(begin))) }
		var every *actor.Timer
		a := open(t, func(c *actor.Context[string]) (actor.Handler[string], error) {
			c.After(3*time.Second, "after")
			c.After(time.Second, "never").Stop()
			every = c.Every(2*time.Second, "every")
			return func(c *actor.Context[string], m string) error {
				note(m)
				switch m {
				case "after":
					time.Sleep(4500 * time.Millisecond) // two ticks pass: one is left out
				case "stop":
					if !every.Stop() {
						t.Error("Stop of a running timer = false")
					}
				}
				return nil
			}, nil
		})
		time.Sleep(11 * time.Second)
		tellAll(t, a, "stop")
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := "[every@2s after@3s every@7.5s every@8s every@10s stop@11s]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// Idle counts from the end of the last message, whatever its kind.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var idle []time.Duration
		a := open(t, func(c *actor.Context[string]) (actor.Handler[string], error) {
			c.Idle(10*time.Second, "idle")
			c.After(5*time.Second, "timer")
			return func(c *actor.Context[string], m string) error {
				switch m {
				case "idle":
					idle = append(idle, time.Since(begin))
				case "work":
					time.Sleep(20 * time.Second)
				case "end":
					c.Idle(0, "")
				}
				return nil
			}, nil
		})
		time.Sleep(16 * time.Second) // idle at 15 s, ten after the timer's message
		tellAll(t, a, "work")        // until 36 s
		time.Sleep(41 * time.Second) // idle at 46 s and 56 s
		tellAll(t, a, "end")
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := "[15s 46s 56s]"; fmt.Sprint(idle) != want {
			t.Errorf("idle %v, want %v", idle, want)
		}
	})
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		frames, typed, early := spawn(t, echo), open(t, account), open(t, account)
		stop(t, early)
		a := open(t, func(c *actor.Context[string]) (actor.Handler[string], error) {
			c.Watch(frames, "frames")
			c.Watch(typed, "typed")
			c.Watch(early, "early")
			c.Watch(typed, "unwatched")()
			return func(_ *actor.Context[string], m string) error { got = append(got, m); return nil }, nil
		})
		synctest.Wait()
		stop(t, typed)
		synctest.Wait()
		stop(t, frames)
		synctest.Wait()
		if fmt.Sprint(got) != "[early typed frames]" {
			t.Errorf("got %v", got)
		}
		stop(t, a)
	})
}

// What Async returns is a message; a panic in it is the life's; and a life waits for
// what it has begun.
func TestAsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type msg any
		var got []msg
		released := false
		setup := func(c *actor.Context[msg]) (actor.Handler[msg], error) {
			return func(c *actor.Context[msg], m msg) error {
				switch m {
				case "work":
					c.Async(func(context.Context) msg { time.Sleep(time.Second); return 42 })
				case "hang":
					c.Async(func(ctx context.Context) msg {
						<-ctx.Done()
						time.Sleep(time.Second)
						released = true
						return nil
					})
				case "panic":
					c.Async(func(context.Context) msg { panic(errBoom) })
				default:
					got = append(got, m)
				}
				return nil
			}, nil
		}
		a := open(t, setup)
		tellAll[msg](t, a, "work", "more")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if fmt.Sprint(got) != "[more 42]" {
			t.Errorf("got %v", got)
		}
		tellAll[msg](t, a, "hang", "panic")
		<-a.Done()
		var p *actor.PanicError
		if !errors.As(a.Err(), &p) || !released {
			t.Errorf("Err = %v, released %v", a.Err(), released)
		}
	})
}

// A question can be answered later, by a goroutine, by another actor, or by the next
// message; its context is the asker's. One that is kept when the life ends gets the
// cause, and an answer after that is ErrClosed.
func TestAnswersLater(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		type msg any
		helper := open(t, handler(func(_ *actor.Context[*step], m *step) error { return m.Reply("helper") }))
		var kept *step
		a := open(t, handler(func(c *actor.Context[msg], m msg) error {
			switch m := m.(type) {
			case *step:
				switch m.do {
				case "forward":
					return helper.Tell(c, m)
				case "goroutine":
					go func() {
						time.Sleep(time.Second)
						_ = m.Reply(fmt.Sprint(m.Context().Value(key{})))
					}()
				case "keep":
					kept = m
				}
			case string:
				return errBoom
			}
			return nil
		}))
		ctx := context.WithValue(bg, key{}, "value")
		for do, want := range map[string]string{"forward": "helper", "goroutine": "value"} {
			if s, err := actor.Ask(ctx, a, &step{do: do}); s != want || err != nil {
				t.Errorf("%s: %s, %v", do, s, err)
			}
		}
		asked := make(chan error)
		go func() {
			_, err := actor.Ask(bg, a, &step{do: "keep"})
			asked <- err
		}()
		synctest.Wait()
		if n := a.Stats().Open; n != 1 {
			t.Errorf("%d open questions", n)
		}
		work := kept.Context()
		tellAll[msg](t, a, "fail")
		if err := <-asked; !errors.Is(err, actor.ErrNoReply) || !errors.Is(err, errBoom) {
			t.Errorf("Ask = %v", err)
		}
		if work.Err() == nil {
			t.Error("the question's context lives on")
		}
		if err := kept.Reply("late"); err != actor.ErrClosed {
			t.Errorf("Reply after the end = %v", err)
		}
	})
}

// Asks of an actor that ends end with it, wherever they are.
func TestAsksEndWithTheActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, handler(func(c *actor.Context[*step], m *step) error {
			if m.do == "stash" {
				return c.Stash()
			}
			<-c.Done()
			return c.Err()
		}))
		asked := make(chan error, 3)
		for _, do := range []string{"stash", "hang", "queued"} {
			go func() {
				_, err := actor.Ask(bg, a, &step{do: do})
				asked <- err
			}()
			synctest.Wait()
		}
		stop(t, a)
		closed, none := 0, 0
		for range 3 {
			switch err := <-asked; {
			case errors.Is(err, actor.ErrClosed):
				closed++
			case errors.Is(err, actor.ErrNoReply):
				none++
			default:
				t.Errorf("Ask = %v", err)
			}
		}
		if closed != 2 || none != 1 {
			t.Errorf("%d of the mailbox, %d in hand; want 2 and 1", closed, none)
		}
	})
}

func TestRefOverflow(t *testing.T) {
	hold := make(chan struct{})
	block := handler(func(_ *actor.Context[any], _ any) error { <-hold; return nil })
	drop := open(t, block, actor.WithMailbox(2), actor.WithOverflow(actor.DropNew))
	full := open(t, block, actor.WithMailbox(2), actor.WithOverflow(actor.Fail))
	wait := open(t, block, actor.WithMailbox(2))
	for _, r := range []*actor.Ref[any]{drop, full, wait} {
		tellAll[any](t, r, 1)
		for r.Stats().Mailbox > 0 { // until it is in hand
			runtime.Gosched()
		}
		tellAll[any](t, r, 2, 3)
	}
	if err := drop.Tell(bg, 4); err != nil || drop.Stats().Dropped != 1 {
		t.Errorf("DropNew: %v, %+v", err, drop.Stats())
	}
	if _, err := actor.Ask(bg, drop, &step{}); err != actor.ErrMailboxFull {
		t.Errorf("an Ask is not dropped in silence: %v", err)
	}
	if err := full.Tell(bg, 4); err != actor.ErrMailboxFull {
		t.Errorf("Fail: %v", err)
	}
	if err := wait.Tell(ended, 4); err != context.Canceled {
		t.Errorf("Block: %v", err)
	}
	if err := wait.TryTell(4); err != actor.ErrAgain {
		t.Errorf("TryTell: %v", err)
	}
	close(hold)
}

// AskAsync keeps the order of what one goroutine sends; its questions end with their
// context, with that of the wait, and with the actor.
func TestAskAsync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := open(t, account)
		tellAll[accountMsg](t, a, deposit{10})
		first, err1 := actor.AskAsync(bg, a, &withdraw{amount: 4})
		tellAll[accountMsg](t, a, deposit{1})
		second, err2 := actor.AskAsync(bg, a, &withdraw{amount: 1})
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		n2, err2 := second(bg)
		n1, err1 := first(bg)
		if n1 != 6 || n2 != 6 || errors.Join(err1, err2) != nil {
			t.Errorf("left %d and %d, %v, %v, want 6 and 6", n1, n2, err1, err2)
		}
		if _, err := actor.AskAsync(bg, open(t, handler(func(*actor.Context[int], int) error { return nil })), &withdraw{}); !errors.Is(err, actor.ErrType) {
			t.Errorf("of another type: %v", err)
		}
		if _, err := actor.AskAsync(bg, spawn(t, echo), &withdraw{}); !errors.Is(err, actor.ErrType) {
			t.Errorf("of an actor of frames: %v", err)
		}
		release := make(chan struct{})
		worked := 0
		busy := open(t, handler(func(c *actor.Context[*withdraw], q *withdraw) error { worked++; <-release; return q.Reply(1) }))
		held, _ := actor.AskAsync(bg, busy, &withdraw{})
		ctx, cancel := context.WithCancel(bg)
		gone, _ := actor.AskAsync(ctx, busy, &withdraw{})
		again := &withdraw{}
		left, _ := actor.AskAsync(bg, busy, again)
		if _, err := actor.AskAsync(bg, busy, again); !errors.Is(err, actor.ErrAsked) {
			t.Errorf("twice: %v", err)
		}
		if _, err := left(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("the wait was over: %v", err)
		}
		cancel()
		close(release)
		if n, err := held(bg); n != 1 || err != nil {
			t.Errorf("held: %d, %v", n, err)
		}
		if _, err := gone(bg); !errors.Is(err, context.Canceled) {
			t.Errorf("the question was over: %v", err)
		}
		synctest.Wait()
		if s := busy.Stats(); worked != 1 || s.Expired != 2 {
			t.Errorf("worked on %d, %+v", worked, s)
		}
		if err := busy.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		if _, err := actor.AskAsync(bg, busy, &withdraw{}); !errors.Is(err, actor.ErrClosed) {
			t.Errorf("of an ended one: %v", err)
		}
	})
}
