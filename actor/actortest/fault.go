package actortest

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/actorhook"
	"github.com/go-zactor/zactor/internal/contain"
)

// ErrKilled is the error of a life that Kill or Restart has ended.
var ErrKilled = errors.New("actortest: killed")

// Kill has the life of an actor fail with ErrKilled, as if its handler had returned that
// error: its context ends, the message in hand is not delivered again, and its
// supervisor restarts it or not. It does not wait. Go can't end a handler that ignores
// its context. An actor that does not run, because it waits for its restart, is left
// alone.
func Kill(u actor.Unit) { actorhook.Kill(u, ErrKilled) }

// Restart is Kill that waits until the next life is ready. It ends the test when there
// is none within 30 s.
func Restart(t testing.TB, u actor.Unit) {
	t.Helper()
	before, _ := actorhook.Lives(u)
	if !actorhook.Kill(u, ErrKilled) {
		t.Fatalf("%s does not run", u.Name())
	}
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		select {
		case <-u.Done():
			t.Fatalf("%s has ended: %v", u.Name(), u.Err())
		default:
		}
		if lives, ready := actorhook.Lives(u); lives > before && ready {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s was not restarted within %v", u.Name(), patience)
		}
	}
}

// A Way says what happens to a message on its way: it is late, or lost.
type Way struct {
	Delay time.Duration
	Drop  bool
}

// Fault returns an actor that stands before another one, and passes on what it is told
// and asked, each by the way that way says. Messages that are late do not hold up
// others. It is closed when the test ends.
func Fault[M any](t testing.TB, to *actor.Ref[M], way func(M) Way) *actor.Ref[M] {
	t.Helper()
	type late struct{ m M }
	pass := func(ctx context.Context, m M) error {
		if err := to.Tell(ctx, m); err != nil && !errors.Is(err, actor.ErrClosed) {
			return err
		}
		return nil
	}
	r, err := actor.New(context.Background(), func(*actor.Context[M]) (actor.Handler[M], error) {
		return func(c *actor.Context[M], m M) error {
			w := way(m)
			switch {
			case w.Drop:
				return nil
			case w.Delay <= 0:
				return pass(c, m)
			}
			x := late{m}
			timer := time.AfterFunc(w.Delay, func() {
				if p := contain.Call("late message", func() { _ = pass(c, x.m) }); p != nil {
					t.Errorf("actortest: to deliver a message late panicked: %v", p)
				}
			})
			t.Cleanup(func() { timer.Stop() })
			return nil
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// NoLeaks fails the test when, at its end, goroutines of actors are there that were not
// there at this call. Call it first: what the test closes in a Cleanup is closed by
// then. (A synctest bubble also finds goroutines that are not actors'.)
func NoLeaks(t testing.TB) {
	t.Helper()
	before := goroutines()
	t.Cleanup(func() {
		var left []string
		for range 200 { // those that are at their end are let go
			left = left[:0]
			for id, stack := range goroutines() {
				if before[id] == "" {
					left = append(left, stack)
				}
			}
			if len(left) == 0 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("%d goroutines of actors are left:\n\n%s", len(left), strings.Join(left, "\n\n"))
	})
}

// goroutines are the stacks of the goroutines that run in package actor, by their ids.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	all := map[string]string{}
	for _, g := range strings.Split(string(buf), "\n\n") {
		head, stack, _ := strings.Cut(g, "\n")
		if strings.Contains(stack, "zactor/actor.(*") && !strings.Contains(stack, "testing.tRunner") {
			all[strings.Fields(head)[1]] = g
		}
	}
	return all
}
