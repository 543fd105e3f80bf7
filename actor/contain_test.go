package actor_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// ways are how code ends that does not return.
var ways = map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit}

// isDisaster reports whether an actor's error is that of one of the ways.
func isDisaster(how string, err error) bool {
	if how == "goexit" {
		return err != nil && strings.Contains(err.Error(), "Goexit")
	}
	return errors.As(err, new(*actor.PanicError))
}

// A handler, a setup or a function of an actor that panics ends that life: of an actor
// alone, the actor; under a supervisor it is started again. A neighbour does not notice.
func TestHooksAreContained(t *testing.T) {
	type M = string
	for how, disaster := range ways {
		bad := func(c *actor.Context[M], m M) error {
			if m == "bad" {
				disaster()
			}
			return nil
		}
		// once is a setup that fails in its first life.
		once := func() (actor.Setup[M], *int) {
			lives := new(int)
			return func(*actor.Context[M]) (actor.Handler[M], error) {
				if *lives++; *lives == 1 {
					disaster()
				}
				return bad, nil
			}, lives
		}
		run := func(name string, test func(t *testing.T)) {
			t.Run(name+"/"+how, func(t *testing.T) { synctest.Test(t, test) })
		}
		run("setup", func(t *testing.T) {
			setup, _ := once()
			if r, err := actor.New(bg, setup); r != nil || !isDisaster(how, err) {
				t.Errorf("New = %v, %v", r, err)
			}
		})
		run("Become, woken from a rest", func(t *testing.T) {
			a := open(t, handler(func(c *actor.Context[M], m M) error { c.Become(bad); return nil }))
			tellAll[M](t, a, "become")
			synctest.Wait() // it rests: Wake starts its goroutine
			tellAll[M](t, a, "bad")
			<-a.Done()
			if !isDisaster(how, a.Err()) {
				t.Errorf("Err = %v", a.Err())
			}
		})
		run("Async", func(t *testing.T) {
			a := open(t, handler(func(c *actor.Context[M], m M) error {
				c.Async(func(context.Context) M { disaster(); return "" })
				return nil
			}))
			tellAll[M](t, a, "x")
			<-a.Done()
			if !isDisaster(how, a.Err()) {
				t.Errorf("Err = %v", a.Err())
			}
		})
		run("supervised", func(t *testing.T) {
			s := newStage(t, actor.OneForOne)
			add := func(opts ...actor.Option) (*int, *actor.Ref[M]) {
				setup, lives := once()
				a, err := actor.Supervise(s.sup, "a", setup, actor.Permanent, opts...)
				if err != nil {
					t.Fatal(err)
				}
				return lives, a
			}
			lives, a := add()
			setup, pooled := once()
			pool, err := actor.Pool(s.sup, "pool", 1, actor.RoundRobin[M](), setup)
			if err != nil {
				t.Fatal(err)
			}
			begun := 0
			fn, err := s.sup.Add("fn", func(ctx context.Context, p *actor.Pipe) error {
				if begun++; begun == 1 {
					disaster()
				}
				return idle(ctx, p)
			}, actor.Permanent)
			if err != nil {
				t.Fatal(err)
			}
			served := 0
			svc, err := s.sup.Add("svc", actor.ServiceFunc(service(func(ctx context.Context) error {
				if served++; served == 1 {
					disaster()
				}
				<-ctx.Done()
				return nil
			})), actor.Permanent)
			if err != nil {
				t.Fatal(err)
			}
			s.serve()
			time.Sleep(time.Minute)
			synctest.Wait()
			if *lives != 2 || *pooled != 2 || begun != 2 || served != 2 {
				t.Errorf("lives: %d of Supervise, %d of Pool, %d of Add, %d of ServiceFunc; want 2 of each", *lives, *pooled, begun, served)
			}
			for _, u := range []actor.Unit{a, pool, fn, svc} {
				if u.Err() != nil || u.Stats().Restarts != 1 {
					t.Errorf("%s: Err = %v, %d restarts", u.Name(), u.Err(), u.Stats().Restarts)
				}
			}
			_ = s.end()
		})
		run("child", func(t *testing.T) {
			setup, lives := once()
			a := open(t, func(c *actor.Context[M]) (actor.Handler[M], error) {
				_, err := actor.Child(c, "child", setup, actor.Permanent)
				return bad, err
			})
			time.Sleep(time.Minute)
			synctest.Wait()
			if *lives != 2 || a.Err() != nil {
				t.Errorf("%d lives of the child; its parent ended with %v", *lives, a.Err())
			}
		})
	}
	t.Run("ByKey", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t, actor.OneForOne)
			got := 0
			pool, err := actor.Pool(s.sup, "pool", 2, actor.ByKey(func(m M) M {
				if m == "bad" {
					panic("disaster")
				}
				return m
			}), handler(func(*actor.Context[M], M) error { got++; return nil }))
			if err != nil {
				t.Fatal(err)
			}
			s.serve()
			if err := contain.Call("tell", func() { _ = pool.Tell(bg, "bad") }); !errors.Is(err, contain.ErrPanic) {
				t.Errorf("who told it got %v", err)
			}
			tellAll[M](t, pool, "good")
			synctest.Wait()
			if got != 1 || pool.Err() != nil {
				t.Errorf("%d messages came after it; the pool ended with %v", got, pool.Err())
			}
			_ = s.end()
		})
	})
}

// What an actor does on goroutines without the program's code may panic as well: a timer,
// what tells that a message is slow, the supervisor of its children.
func TestTasksAreContained(t *testing.T) {
	type M = string
	for where, does := range map[string]func(c *actor.Context[M]){
		"actor: timer":             func(c *actor.Context[M]) { c.After(time.Second, "due") },
		"actor: timer that is due": func(c *actor.Context[M]) { c.Every(time.Second, "due") },
		"actor: slow message":      func(*actor.Context[M]) { time.Sleep(time.Minute) },
		"actor: children":          func(c *actor.Context[M]) { c.Children() },
		"actor: supervisor": func(c *actor.Context[M]) {
			_, _ = actor.Child(c, "child", handler(func(*actor.Context[M], M) error { return nil }), actor.Permanent)
		},
	} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hit, stop := contain.Disaster(where, 1)
				defer stop()
				other := open(t, handler(func(*actor.Context[M], M) error { return nil }))
				a := open(t, handler(func(c *actor.Context[M], m M) error { does(c); return nil }), actor.WithSlow(time.Second))
				tellAll[M](t, a, "go")
				<-hit
				<-a.Done()
				if !errors.As(a.Err(), new(*actor.PanicError)) {
					t.Errorf("Err = %v, want a *PanicError", a.Err())
				}
				tellAll[M](t, other, "go")
				synctest.Wait()
				if other.Err() != nil {
					t.Errorf("a neighbour ended with %v", other.Err())
				}
			})
		})
	}
}

// What begins the end of an actor may panic as well: it ends all the same.
func TestEndsAreContained(t *testing.T) {
	for _, where := range []string{"actor: end of its context", "actor: ready timeout"} {
		synctest.Test(t, func(t *testing.T) {
			_, stop := contain.Disaster(where, 2)
			defer stop()
			ctx, cancel := context.WithCancel(bg)
			var opts []actor.Option
			if where == "actor: ready timeout" {
				opts = append(opts, actor.WithReadyTimeout(time.Second))
			}
			ended := make(chan error, 2)
			go func() {
				a, err := actor.New(ctx, func(c *actor.Context[string]) (actor.Handler[string], error) {
					if opts != nil {
						<-c.Done()
					}
					return func(*actor.Context[string], string) error { return nil }, nil
				}, opts...)
				if err == nil {
					<-a.Done()
					err = a.Err()
				}
				ended <- err
			}()
			go func() {
				a, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
					if opts == nil {
						p.Ready()
					}
					<-ctx.Done()
					return nil
				}, opts...)
				if err == nil {
					<-a.Done()
					err = a.Err()
				}
				ended <- err
			}()
			time.Sleep(time.Minute)
			cancel()
			for range 2 {
				err := <-ended
				if err == nil && where == "actor: end of its context" {
					continue // it has seen that itself
				}
				if !errors.As(err, new(*actor.PanicError)) {
					t.Errorf("%s: ended with %v, want a *PanicError", where, err)
				}
			}
		})
	}
}

// A supervisor that panics stops its children, and Run returns that.
func TestSupervisorIsContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, stop := contain.Disaster("actor: supervisor", 1)
		defer stop()
		s := newStage(t, actor.OneForOne)
		a := s.add("a", actor.Permanent)
		if err := s.sup.Run(bg); !errors.As(err, new(*actor.PanicError)) {
			t.Errorf("Run = %v, want a *PanicError", err)
		}
		<-a.Done()
		if err := s.sup.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A line of a supervisor's log that panics is lost, and those behind it are written.
func TestLogIsContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, stop := contain.Disaster("actor: log", 1)
		defer stop()
		var log logbook.Book
		s := newStage(t, actor.OneForOne, actor.WithLogger(log.Zerolog()))
		s.add("a", actor.Permanent)
		s.serve()
		_ = s.end()
		if !log.Has("ZA0503") || !log.Has("actor: ended") {
			t.Errorf("the log has\n%s\nwant the panic, and the lines after it", &log)
		}
	})
}
