package actortest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/actor/actortest"
)

type number struct{ actor.Answer[int] }

// counter tells the probe how often its life has been told something.
func counter(to *actor.Ref[any]) actor.Setup[any] {
	return func(*actor.Context[any]) (actor.Handler[any], error) {
		n := 0
		return func(c *actor.Context[any], m any) error {
			if q, is := m.(*number); is {
				return q.Reply(n)
			}
			n++
			return to.Tell(c, fmt.Sprint(m, " is number ", n))
		}, nil
	}
}

func TestKillAndRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		sup, err := actor.NewSupervisor(actor.OneForOne)
		if err != nil {
			t.Fatal(err)
		}
		go sup.Run(t.Context())
		defer sup.Close()
		probe := actortest.NewProbe[any](t)
		a, _ := actor.Supervise(sup, "a", counter(probe.Ref), actor.Permanent)
		frames, _ := sup.Add("frames", func(ctx context.Context, p *actor.Pipe) error {
			p.Ready()
			<-ctx.Done()
			return ctx.Err()
		}, actor.Permanent)
		synctest.Wait()
		for range 2 {
			_ = a.Tell(t.Context(), "x")
			if s := actortest.Expect[string](probe); s != "x is number 1" {
				t.Error(s)
			}
			actortest.Restart(t, a)
			actortest.Restart(t, frames)
		}
		if a.Stats().Restarts != 2 || frames.Stats().Restarts != 2 {
			t.Errorf("%+v, %+v", a.Stats(), frames.Stats())
		}
		probe.None(time.Hour)
		alone, _ := actor.New(t.Context(), counter(probe.Ref))
		actortest.Kill(alone)
		<-alone.Done()
		if alone.Err() != actortest.ErrKilled {
			t.Errorf("Err = %v", alone.Err())
		}
	})
}

func TestFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe := actortest.NewProbe[any](t)
		a, _ := actor.New(context.Background(), counter(probe.Ref))
		defer a.Close()
		bad := actortest.Fault(t, a, func(m any) actortest.Way {
			switch m {
			case "late":
				return actortest.Way{Delay: time.Hour}
			case "lost":
				return actortest.Way{Drop: true}
			}
			return actortest.Way{}
		})
		begin := time.Now()
		for _, s := range []string{"late", "lost", "in time"} {
			_ = bad.Tell(t.Context(), s)
		}
		if n, err := actor.Ask(t.Context(), bad, &number{}); n != 1 || err != nil {
			t.Errorf("Ask = %d, %v", n, err)
		}
		if s := probe.Next(); s != "in time is number 1" {
			t.Error(s)
		}
		probe.None(time.Hour - 1)
		if s := probe.Next(); s != "late is number 2" || time.Since(begin) != time.Hour {
			t.Errorf("%v after %v", s, time.Since(begin))
		}
	})
}

// fake is a test that writes down what is wrong, instead of failing.
type fake struct {
	testing.TB
	cleanups []func()
	said     string
}

func (f *fake) Helper()           {}
func (f *fake) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }
func (f *fake) Errorf(s string, args ...any) {
	f.said += fmt.Sprintf(s, args...)
}
func (f *fake) Fatalf(s string, args ...any) {
	f.Errorf(s, args...)
	runtime.Goexit()
}

func (f *fake) run(fn func()) string {
	done := make(chan bool)
	go func() {
		defer close(done)
		fn()
	}()
	<-done
	for i := range f.cleanups {
		f.cleanups[len(f.cleanups)-1-i]()
	}
	return f.said
}

// What is wrong is found.
func TestFindings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{TB: t}
		for want, fn := range map[string]func(){
			"no message came": func() { actortest.NewProbe[int](f).Next() },
			"want none": func() {
				p := actortest.NewProbe[int](f)
				_ = p.Tell(t.Context(), 1)
				p.None(time.Second)
			},
			"a int came, want a string": func() {
				p := actortest.NewProbe[any](f)
				_ = p.Tell(t.Context(), 1)
				actortest.Expect[string](p)
			},
			"has ended: actortest: killed": func() {
				a, _ := actor.New(t.Context(), counter(nil))
				actortest.Restart(f, a)
			},
			"1 goroutines of actors are left": func() {
				actortest.NoLeaks(f)
				a, _ := actor.Spawn(t.Context(), func(ctx context.Context, p *actor.Pipe) error {
					p.Ready()
					<-ctx.Done()
					return ctx.Err()
				})
				t.Cleanup(func() { _ = a.Close() })
			},
		} {
			f = &fake{TB: t}
			if said := f.run(fn); !strings.Contains(said, want) {
				t.Errorf("said %q, want %q", said, want)
			}
		}
	})
	if errors.Is(actortest.ErrKilled, actor.ErrClosed) {
		t.Error("ErrKilled is ErrClosed")
	}
}

// A way that panics ends the actor that stands before the other, and that goes on; a late
// message whose delivery panics fails the test, and does not end it.
func TestFaultIsContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe := actortest.NewProbe[any](t)
		a, _ := actor.New(context.Background(), counter(probe.Ref))
		defer a.Close()
		bad := actortest.Fault(t, a, func(any) actortest.Way { panic("disaster") })
		_ = bad.Tell(t.Context(), "x")
		<-bad.Done()
		if !errors.As(bad.Err(), new(*actor.PanicError)) {
			t.Errorf("Err = %v", bad.Err())
		}
		_ = a.Tell(t.Context(), "y")
		if s := probe.Next(); s != "y is number 1" {
			t.Error(s)
		}
		s, _ := actor.NewSupervisor(actor.OneForOne)
		pool, _ := actor.Pool(s, "pool", 1, actor.ByKey(func(any) int { panic("disaster") }), counter(probe.Ref))
		f := &fake{TB: t}
		late := actortest.Fault(f, pool, func(any) actortest.Way { return actortest.Way{Delay: time.Second} })
		_ = late.Tell(t.Context(), "x")
		time.Sleep(time.Minute)
		synctest.Wait()
		if !strings.Contains(f.said, "disaster") {
			t.Errorf("the test said %q", f.said)
		}
		for _, fn := range f.cleanups {
			fn()
		}
		_ = pool.Close()
		_ = s.Close()
	})
}
