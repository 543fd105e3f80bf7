package actor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// obey is a child that does what its messages say.
func obey(ctx context.Context, p *actor.Pipe) error {
	for m, err := range p.Messages(ctx) {
		if err != nil {
			return err
		}
		switch s := m.PopString(); s {
		case "fail":
			return errBoom
		case "panic":
			panic("boom")
		case "end":
			return nil
		case "no restart":
			return fmt.Errorf("%w: enough", actor.ErrNoRestart)
		case "escalate":
			return fmt.Errorf("%w: enough", actor.ErrEscalate)
		case "1", "2", "3", "kept":
			if err := p.Send(ctx, text(s)); err != nil {
				return err
			}
		default:
			if err := p.Reply(ctx, text(s)); err != nil {
				return err
			}
		}
	}
	return nil
}

var errBoom = errors.New("boom")

// stage is a supervisor that serves, and the log of its events.
type stage struct {
	*testing.T
	sup    *actor.Supervisor
	cancel context.CancelFunc
	result chan error

	mu  sync.Mutex
	log []string
}

// newStage makes a supervisor; call serve inside a bubble.
func newStage(t *testing.T, s actor.Strategy, opts ...actor.Option) *stage {
	st := &stage{T: t, result: make(chan error, 1)}
	st.sup = supervisor(s, opts...)
	events := st.sup.Events(bg) // which ends with the supervisor
	go func() {
		for e := range events {
			st.note(e)
		}
	}()
	return st
}

func (s *stage) note(e actor.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Kind == actor.Ready || e.Kind == actor.DeadLetter {
		return
	}
	s.log = append(s.log, e.Kind.String()+" "+e.Child)
}

func (s *stage) add(name string, kind actor.Restart, opts ...actor.Option) *actor.Actor {
	s.Helper()
	a, err := s.sup.Add(name, obey, kind, opts...)
	if err != nil {
		s.Fatal(err)
	}
	return a
}

func (s *stage) serve() {
	ctx, cancel := context.WithCancel(bg)
	s.cancel = cancel
	go func() { s.result <- s.sup.Run(ctx) }()
	synctest.Wait()
}

// end ends Serve, and returns its result.
func (s *stage) end() error {
	s.cancel()
	return <-s.result
}

// expect compares the events since the last call.
func (s *stage) expect(what string, want ...string) {
	s.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(s.log, want) {
		s.Errorf("%s: events\n\t%s\nwant\n\t%s", what, strings.Join(s.log, "\n\t"), strings.Join(want, "\n\t"))
	}
	s.log = nil
}

func (s *stage) tell(a *actor.Actor, what string) {
	s.Helper()
	if err := a.Send(bg, text(what)); err != nil {
		s.Fatal(err)
	}
}

// alive fails unless a answers.
func (s *stage) alive(a *actor.Actor) {
	s.Helper()
	ctx, cancel := context.WithTimeout(bg, time.Minute)
	defer cancel()
	if m, err := a.Ask(ctx, text("you there?")); err != nil || m.PopString() != "you there?" {
		s.Errorf("%s: %v, %v", a.Name(), m, err)
	}
}

func TestStrategies(t *testing.T) {
	all := []string{"Started a", "Started b", "Started c"}
	for _, c := range []struct {
		strategy actor.Strategy
		want     []string
	}{
		{actor.OneForOne, []string{"Exited b", "Restarting b", "Started b"}},
		{actor.OneForAll, []string{"Exited b", "Exited c", "Exited a", "Restarting b", "Started a", "Started b", "Started c"}},
		{actor.RestForOne, []string{"Exited b", "Exited c", "Restarting b", "Started b", "Started c"}},
	} {
		t.Run(c.strategy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, c.strategy)
				a, b, cc := s.add("a", actor.Permanent), s.add("b", actor.Permanent), s.add("c", actor.Permanent)
				s.serve()
				s.expect("start", all...)
				s.tell(b, "panic")
				s.expect("failure of b", c.want...)
				for _, x := range []*actor.Actor{a, b, cc} {
					s.alive(x)
				}
				if err := s.end(); err != nil {
					t.Errorf("Serve = %v", err)
				}
				s.expect("stop", "Exited c", "Exited b", "Exited a", "Ended c", "Ended b", "Ended a")
				if !isDone(a) || a.Err() != nil {
					t.Errorf("after Serve: Err %v", a.Err())
				}
			})
		})
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind     actor.Restart
		command  string
		restarts bool
		err      error
	}{
		{actor.Permanent, "fail", true, nil},
		{actor.Permanent, "panic", true, nil},
		{actor.Permanent, "end", true, nil},
		{actor.Transient, "fail", true, nil},
		{actor.Transient, "panic", true, nil},
		{actor.Transient, "end", false, nil},
		{actor.Temporary, "fail", false, errBoom},
		{actor.Temporary, "end", false, nil},
		{actor.Permanent, "no restart", false, actor.ErrNoRestart},
	} {
		t.Run(c.kind.String()+" "+c.command, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, actor.OneForOne)
				a := s.add("a", c.kind)
				s.serve()
				s.tell(a, c.command)
				if c.restarts {
					s.expect("restart", "Started a", "Exited a", "Restarting a", "Started a")
					s.alive(a)
				} else {
					s.expect("end", "Started a", "Exited a", "Ended a")
					if !isDone(a) || !errors.Is(a.Err(), c.err) {
						t.Errorf("Err = %v, want %v", a.Err(), c.err)
					}
					if len(s.sup.Children()) != 0 {
						t.Error("it is still a child")
					}
				}
				_ = s.end()
			})
		})
	}
}

// TestTemporaryIsNotRestartedWithItsSiblings.
func TestTemporaryIsNotRestartedWithItsSiblings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForAll)
		a, b := s.add("a", actor.Permanent), s.add("b", actor.Temporary)
		s.serve()
		s.tell(a, "fail")
		s.expect("failure of a", "Started a", "Started b", "Exited a", "Exited b", "Ended b", "Restarting a", "Started a")
		if !isDone(b) {
			t.Error("b has not ended")
		}
		_ = s.end()
	})
}

// TestMailboxSurvivesARestart: what was sent before and after the panic, and an
// Ask among it; only the message that was being handled is gone (P18).
func TestMailboxSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne)
		a := s.add("a", actor.Permanent)
		for _, m := range []string{"1", "panic", "2", "fail", "3"} {
			s.tell(a, m) // before it runs at all
		}
		asked := make(chan string, 1)
		go func() {
			m, err := a.Ask(bg, text("4"))
			asked <- fmt.Sprint(m.PopString(), err)
		}()
		s.serve()
		time.Sleep(time.Second)
		var got []string
		for {
			m, err := a.TryRecv()
			if err != nil {
				break
			}
			got = append(got, m.PopString())
		}
		if want := []string{"1", "2", "3"}; !slices.Equal(got, want) {
			t.Errorf("received %v, want %v", got, want)
		}
		if m := <-asked; m != "4<nil>" {
			t.Errorf("the Ask over two restarts: %s", m)
		}
		_ = s.end()
	})
}

// TestPipeOfAnEarlierLifeTakesNothing: a goroutine that the function has left
// behind does not steal from the next life.
func TestPipeOfAnEarlierLifeTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pipes []*actor.Pipe
		s := newStage(t, actor.OneForOne)
		a, _ := s.sup.Add("a", func(ctx context.Context, p *actor.Pipe) error {
			if pipes = append(pipes, p); len(pipes) == 1 {
				return errBoom
			}
			return idle(ctx, p)
		}, actor.Permanent)
		s.tell(a, "for the second life")
		s.serve()
		s.expect("restart", "Started a", "Exited a", "Restarting a", "Started a")
		if m, err := pipes[0].TryRecv(); err != actor.ErrClosed {
			t.Errorf("TryRecv = %v, %v", m, err)
		}
		if err := pipes[0].TrySend(text("x")); err != actor.ErrClosed {
			t.Errorf("TrySend = %v", err)
		}
		if m, err := pipes[1].TryRecv(); err != nil {
			t.Errorf("TryRecv of the living = %v, %v", m, err)
		}
		_ = s.end()
	})
}

func TestTheAskThatKilledItFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne)
		a := s.add("a", actor.Permanent)
		s.serve()
		var p *actor.PanicError
		if _, err := a.Ask(bg, text("panic")); !errors.Is(err, actor.ErrNoReply) || !errors.As(err, &p) {
			t.Errorf("Ask = %v", err)
		}
		s.alive(a)
		_ = s.end()
	})
}

func TestIntensity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne, actor.WithIntensity(2, 10*time.Second))
		a, b := s.add("a", actor.Permanent), s.add("b", actor.Permanent)
		s.serve()
		for range 2 {
			s.tell(a, "fail")
			time.Sleep(time.Second)
		}
		time.Sleep(8 * time.Second) // the first failure is 10 s ago
		s.tell(b, "fail")
		time.Sleep(time.Second)
		s.alive(a)
		s.alive(b)
		s.mu.Lock()
		s.log = nil
		s.mu.Unlock()
		s.tell(b, "fail")
		time.Sleep(10 * time.Millisecond)
		s.tell(b, "fail")
		err := <-s.result
		if !errors.Is(err, actor.ErrGaveUp) || !errors.Is(err, errBoom) || !strings.Contains(err.Error(), `"b"`) {
			t.Errorf("Serve = %v", err)
		}
		s.expect("giving up", "Exited b", "Restarting b", "Started b", "Exited b", "GaveUp b", "Exited a", "Ended b", "Ended a")
		if !errors.Is(b.Err(), errBoom) || a.Err() != nil || !isDone(a) {
			t.Errorf("Err of a %v, of b %v", a.Err(), b.Err())
		}
		if err := a.Send(bg, text("x")); err != actor.ErrClosed {
			t.Errorf("Send = %v", err)
		}
		if _, err := s.sup.Add("c", obey, actor.Permanent); err != actor.ErrClosed {
			t.Errorf("Add afterwards = %v", err)
		}
		if err := s.sup.Run(bg); err != actor.ErrClosed {
			t.Errorf("Serve again = %v", err)
		}
		s.cancel()
	})
}

func TestEscalate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne)
		a := s.add("a", actor.Temporary)
		s.serve()
		s.tell(a, "escalate")
		if err := <-s.result; !errors.Is(err, actor.ErrGaveUp) || !errors.Is(err, actor.ErrEscalate) {
			t.Errorf("Serve = %v", err)
		}
		s.cancel()
	})
}

// TestBackoff: the first restart is at once, the next ones wait longer and longer,
// by chance half of it or all; who has run for long begins anew.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var delays []time.Duration
		sup := supervisor(actor.OneForOne, actor.WithIntensity(100, time.Minute),
			actor.WithBackoff(100*time.Millisecond, time.Second))
		events := sup.Events(bg)
		go func() {
			for e := range events {
				mu.Lock()
				if e.Kind == actor.Restarting {
					delays = append(delays, e.Delay)
				}
				mu.Unlock()
			}
		}()
		a, _ := sup.Add("a", obey, actor.Permanent)
		ctx, cancel := context.WithCancel(bg)
		done := make(chan error)
		go func() { done <- sup.Run(ctx) }()
		for range 7 {
			_ = a.Send(bg, text("fail"))
		}
		time.Sleep(10 * time.Second)
		time.Sleep(time.Minute)
		_ = a.Send(bg, text("fail"))
		time.Sleep(time.Second)
		cancel()
		<-done
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		want := []time.Duration{0, 100, 200, 400, 800, 1000, 1000, 0}
		if len(delays) != len(want) {
			t.Fatalf("delays %v, want about %v ms", delays, want)
		}
		for i, w := range want {
			w *= time.Millisecond
			if d := delays[i]; d < w/2 || d > w {
				t.Errorf("delay %d is %v, want between %v and %v", i, d, w/2, w)
			}
		}
	})
}

// TestStartInOrder: each child is ready before the next is started, and a slow one
// holds up the start only.
func TestStartInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ready []string
		var mu sync.Mutex
		sup := supervisor(actor.OneForOne)
		slow := func(d time.Duration) actor.Func {
			return func(ctx context.Context, p *actor.Pipe) error {
				time.Sleep(d)
				mu.Lock()
				ready = append(ready, p.Name())
				mu.Unlock()
				return idle(ctx, p)
			}
		}
		_, _ = sup.Add("a", slow(3*time.Second), actor.Permanent)
		_, _ = sup.Add("b", slow(1*time.Second), actor.Permanent)
		_, _ = sup.Add("c", slow(2*time.Second), actor.Permanent)
		ctx, cancel := context.WithTimeout(bg, 5500*time.Millisecond)
		defer cancel()
		_ = sup.Run(ctx)
		if want := []string{"a", "b"}; !slices.Equal(ready[:2], want) {
			t.Errorf("ready %v, want %v first", ready, want)
		}
	})
}

// TestExitsAreHandledWhileAnotherStarts: a child that takes long to be ready does
// not keep the supervisor from restarting others.
func TestExitsAreHandledWhileAnotherStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne)
		a := s.add("a", actor.Permanent)
		_, _ = s.sup.Add("slow", func(ctx context.Context, p *actor.Pipe) error {
			<-ctx.Done() // never ready
			return nil
		}, actor.Permanent)
		s.serve()
		s.tell(a, "fail")
		time.Sleep(time.Second)
		_ = s.end()
		s.expect("a failed", "Started a", "Started slow", "Exited a", "Restarting a", "Started a",
			"Exited slow", "Exited a", "Ended slow", "Ended a")
	})
}

func TestFailedStartIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.RestForOne, actor.WithBackoff(time.Second, time.Second))
		s.add("a", actor.Permanent)
		tries := 0
		_, _ = s.sup.Add("b", func(ctx context.Context, p *actor.Pipe) error {
			if tries++; tries < 3 {
				return errBoom
			}
			return idle(ctx, p)
		}, actor.Permanent)
		s.add("c", actor.Permanent)
		s.serve()
		s.expect("at once", "Started a", "Started b", "Exited b", "Restarting b", "Started b", "Exited b", "Restarting b")
		s.add("d", actor.Permanent) // waits behind b, and the supervisor sleeps meanwhile
		time.Sleep(2 * time.Second)
		s.expect("later", "Started b", "Started c", "Started d")
		_ = s.end()
	})
}

func TestReadyTimeoutOfAChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne, actor.WithIntensity(1, time.Hour))
		_, _ = s.sup.Add("late", func(ctx context.Context, p *actor.Pipe) error {
			<-ctx.Done()
			return nil
		}, actor.Permanent, actor.WithReadyTimeout(time.Second))
		s.serve()
		if err := <-s.result; !errors.Is(err, actor.ErrGaveUp) || !errors.Is(err, actor.ErrNotReady) {
			t.Errorf("Serve = %v", err)
		}
		s.cancel()
	})
}

// TestStoppedChildIsNotRestarted: its owner's Stop is for good, while it runs, and
// while it waits for its restart.
func TestStoppedChildIsNotRestarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForOne, actor.WithBackoff(time.Minute, time.Minute))
		a, b := s.add("a", actor.Permanent), s.add("b", actor.Permanent)
		s.serve()
		stop(t, a)
		s.expect("a stopped", "Started a", "Started b", "Exited a", "Ended a")
		s.tell(b, "fail")
		s.tell(b, "fail")
		s.expect("b waits", "Exited b", "Restarting b", "Started b", "Exited b", "Restarting b")
		if err := b.Shutdown(bg); err != nil { // nobody is going to read: it ends at once
			t.Errorf("Drain = %v", err)
		}
		if !isDone(b) {
			t.Error("b has not ended")
		}
		b2 := s.add("b", actor.Permanent) // the name is free
		s.alive(b2)
		if got, ok := s.sup.Child("b"); got != b2 || !ok {
			t.Errorf("Child = %v, %v", got, ok)
		}
		_ = s.end()
	})
}

func TestChildAddedWhileServing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForAll)
		s.add("a", actor.Permanent)
		s.serve()
		b := s.add("b", actor.Permanent)
		s.alive(b)
		if _, err := s.sup.Add("b", obey, actor.Permanent); !errors.Is(err, actor.ErrNameTaken) {
			t.Errorf("the same name again: %v", err)
		}
		if err := s.sup.Run(bg); err != actor.ErrRunning {
			t.Errorf("Serve twice at once = %v", err)
		}
		s.alive(b) // which did no harm
		_ = s.end()
	})
}

// TestStuckChild does not keep Serve from returning.
func TestStuckChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, actor.OneForAll, actor.WithStopTimeout(time.Second))
		a := s.add("a", actor.Permanent)
		release := make(chan struct{})
		deaf, _ := s.sup.Add("deaf", func(_ context.Context, p *actor.Pipe) error {
			p.Ready()
			<-release
			return nil
		}, actor.Permanent)
		s.serve()
		s.tell(a, "fail")
		err := <-s.result
		if !errors.Is(err, actor.ErrGaveUp) || !errors.Is(err, actor.ErrStuck) || !errors.Is(err, errBoom) {
			t.Errorf("Serve = %v", err)
		}
		if isDone(deaf) {
			t.Error("Done before the function has returned")
		}
		close(release)
		<-deaf.Done()
		s.cancel()
	})
}

func TestSupervisorsNest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outer := newStage(t, actor.OneForOne)
		inner := newStage(t, actor.OneForOne, actor.WithIntensity(1, time.Minute))
		a, b := inner.add("a", actor.Permanent), inner.add("b", actor.Permanent)
		if _, err := outer.sup.Add("inner", actor.ServiceFunc(inner.sup), actor.Permanent); err != nil {
			t.Fatal(err)
		}
		outer.serve()
		inner.tell(a, "fail")
		inner.expect("first failure", "Started a", "Started b", "Exited a", "Restarting a", "Started a")
		inner.tell(a, "fail")
		inner.tell(a, "kept")
		inner.expect("second failure: gives up, and is restarted",
			"Exited a", "GaveUp a", "Exited b", "Started a", "Started b")
		outer.expect("outer", "Started inner", "Exited inner", "Restarting inner", "Started inner")
		inner.alive(a)
		inner.alive(b)
		if m, err := a.TryRecv(); err != nil || m.PopString() != "kept" {
			t.Errorf("the mailbox did not survive: %v, %v", m, err)
		}
		if err := outer.end(); err != nil {
			t.Errorf("Serve = %v", err)
		}
		inner.expect("the end", "Exited b", "Exited a", "Ended b", "Ended a")
		for _, x := range []*actor.Actor{a, b} {
			if !isDone(x) {
				t.Errorf("%s has not ended", x.Name())
			}
		}
	})
}

// TestSupervisorAsAnActor: Spawn returns when its children are ready.
func TestSupervisorAsAnActor(t *testing.T) {
	sup := supervisor(actor.OneForOne)
	child, _ := sup.Add("child", echo, actor.Permanent)
	a := spawn(t, actor.ServiceFunc(sup))
	if m, err := child.Ask(bg, text("x")); err != nil || m.PopString() != "x" {
		t.Errorf("Ask = %v, %v", m, err)
	}
	stop(t, a)
	if a.Err() != nil || !isDone(child) {
		t.Errorf("Err %v; child ended: %v", a.Err(), isDone(child))
	}
}

type service func(context.Context) error

func (s service) Run(ctx context.Context) error { return s(ctx) }

func TestForeignServiceUnderASupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		s := newStage(t, actor.OneForOne)
		_, _ = s.sup.Add("svc", actor.ServiceFunc(service(func(ctx context.Context) error {
			if runs++; runs == 1 {
				return errBoom
			}
			<-ctx.Done()
			return ctx.Err()
		})), actor.Transient)
		s.serve()
		s.expect("start", "Started svc", "Exited svc", "Restarting svc", "Started svc")
		_ = s.end()
	})
}

// TestChildrenSeeTheValuesOfServesContext, and not its end: they are stopped in
// order.
func TestChildrenSeeTheValuesOfServesContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		sup := supervisor(actor.OneForOne)
		var value any
		var order []string
		for _, name := range []string{"first", "second"} {
			_, _ = sup.Add(name, func(ctx context.Context, p *actor.Pipe) error {
				value = ctx.Value(key{})
				err := idle(ctx, p)
				time.Sleep(time.Second)
				order = append(order, name)
				return err
			}, actor.Permanent)
		}
		ctx, cancel := context.WithTimeout(context.WithValue(bg, key{}, 42), time.Second)
		defer cancel()
		_ = sup.Run(ctx)
		if value != 42 || !slices.Equal(order, []string{"second", "first"}) {
			t.Errorf("value %v, ended in the order %v", value, order)
		}
	})
}
