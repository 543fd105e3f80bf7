package actor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/registry"
)

// seen is what the process knows of an actor, nil when it is not listed, and how many
// messages all have received that have ended: their names may be too many to be kept.
func seen(name string) (found *registry.Snapshot, gone float64) {
	all := registry.View(func(s *registry.Snapshot) bool {
		if s.Kind == "actor" && s.Name == name {
			found = s
		}
		return true
	})
	for _, g := range all {
		for _, n := range g.Numbers {
			if g.Kind == "actor" && n.Name == "messages" {
				gone += n.Value
			}
		}
	}
	return found, gone
}

func number(s *registry.Snapshot, name string) float64 {
	for _, n := range s.Numbers {
		if n.Name == name {
			return n.Value
		}
	}
	return -1
}

func fact(s *registry.Snapshot, name string) string {
	for _, f := range s.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func wantState(t *testing.T, name, state string) *registry.Snapshot {
	t.Helper()
	synctest.Wait()
	s, _ := seen(name)
	if s == nil {
		t.Fatalf("%s is not listed", name)
	}
	if s.State != state {
		t.Errorf("%s is %s, want %s", name, s.State, state)
	}
	return s
}

// An actor with a name is seen by observe, with its state and its counters, of which
// the totals stay when it has ended.
func TestObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a, err := actor.New(bg, handler(func(c *actor.Context[int], n int) error { <-release; return nil }), actor.WithName("observed"))
		if err != nil {
			t.Fatal(err)
		}
		if s := wantState(t, "observed", "idle"); fact(s, "takes") != "int" || len(s.Unwell) > 0 {
			t.Errorf("%+v", s)
		}
		tellAll(t, a, 1, 2, 3)
		if s := wantState(t, "observed", "busy"); number(s, "mailbox") != 2 || number(s, "messages") != 1 {
			t.Errorf("%+v", s)
		}
		close(release)
		if s := wantState(t, "observed", "idle"); number(s, "mailbox") != 0 || number(s, "messages") != 3 {
			t.Errorf("%+v", s)
		}
		_, before := seen("observed")
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if s, gone := seen("observed"); s != nil || gone != before+3 {
			t.Errorf("after its end %+v, %v messages, want 3 more than %v", s, gone, before)
		}
		f := spawn(t, echo, actor.WithName("frames"))
		if _, err := f.Ask(bg, text("x")); err != nil {
			t.Fatal(err)
		}
		if s := wantState(t, "frames", "idle"); fact(s, "takes") != "frames" || number(s, "messages") != 1 {
			t.Errorf("%+v", s)
		}
		n := registry.Count()
		open(t, account)
		if registry.Count() != n {
			t.Error("an actor without a name is listed")
		}
	})
}

// What an actor should do and does not makes it unwell: one that fails again and again,
// and one that does not return.
func TestUnwell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sup := supervisor(actor.OneForOne, actor.WithStopTimeout(time.Second), actor.WithBackoff(time.Minute, time.Minute))
		ctx, cancel := context.WithCancel(bg)
		done := make(chan error)
		go func() { done <- sup.Run(ctx) }()
		bad, _ := actor.Supervise(sup, "bad", handler(func(*actor.Context[int], int) error { return errors.New("no luck") }), actor.Permanent)
		deaf, _ := actor.Supervise(sup, "deaf", handler(func(*actor.Context[int], int) error { <-release; return nil }), actor.Permanent)
		tellAll(t, bad, 1, 2, 3) // the first restart is at once
		if s := wantState(t, "bad", "waiting"); len(s.Unwell) > 0 || number(s, "restarts") != 2 {
			t.Errorf("unwell after two failures: %+v", s)
		}
		time.Sleep(time.Minute)
		s := wantState(t, "bad", "waiting")
		if len(s.Unwell) != 1 || !strings.HasPrefix(s.Unwell[0], "has failed 3 times in a row, and is started again in ") || !strings.HasSuffix(s.Unwell[0], "no luck") {
			t.Errorf("unwell: %q", s.Unwell)
		}
		if number(s, "restarts") != 3 || number(s, "deadLetters") != 3 || fact(s, "last failure") != "no luck" {
			t.Errorf("%+v", s)
		}
		tellAll(t, deaf, 1)
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, actor.ErrStuck) {
			t.Fatalf("Run = %v", err)
		}
		time.Sleep(10 * time.Second)
		if s := wantState(t, "deaf", "closing"); fmt.Sprint(s.Unwell) != "[was told to end 10s ago, and has not returned]" {
			t.Errorf("unwell: %q", s.Unwell)
		}
		close(release)
		<-deaf.Done()
		if s, _ := seen("deaf"); s != nil {
			t.Errorf("after its end %+v", s)
		}
	})
}

// A pool and its members are listed, and what waits is counted once.
func TestObservedPool(t *testing.T) {
	for name, route := range map[string]actor.Route[int]{"shared": actor.Shared[int](), "in turn": actor.RoundRobin[int]()} {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			sup := supervisor(actor.OneForOne)
			go func() { _ = sup.Run(bg) }()
			p, err := actor.Pool(sup, "pool", 2, route, handler(func(*actor.Context[int], int) error { <-release; return nil }))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			tellAll(t, p, 1, 2, 3, 4, 5)
			whole := wantState(t, "pool", "ready")
			waiting, received := number(whole, "mailbox"), 0.0
			for i := range 2 {
				m := wantState(t, fmt.Sprintf("pool/%d", i+1), "busy")
				waiting += number(m, "mailbox")
				received += number(m, "messages")
			}
			if waiting != 3 || received != 2 || number(whole, "members") != 2 {
				t.Errorf("%s: %v wait, %v were received; %+v", name, waiting, received, whole)
			}
			close(release)
			if err := sup.Shutdown(bg); err != nil {
				t.Error(err)
			}
			for _, gone := range []string{"pool", "pool/1", "pool/2"} {
				if s, _ := seen(gone); s != nil {
					t.Errorf("%s is listed after its end", gone)
				}
			}
		})
	}
}
