package actor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// stormSize is how many actors the storm has.
func stormSize() int {
	switch {
	case os.Getenv("ZACTOR_FULL") != "":
		return 10_000
	case raceDetector:
		return 300
	}
	return 2000
}

// storms is the state of one actor of the storm, over its lives.
type storms struct {
	kind   string
	lives  int
	living bool
	got    []int
}

// order is what an actor of the storm is told: a number, which it writes down, or how
// to fail.
type order struct {
	n   int
	how string
	actor.Answer[int]
}

func (s *storms) setup(t *testing.T, release chan struct{}) actor.Setup[*order] {
	return func(c *actor.Context[*order]) (actor.Handler[*order], error) {
		if s.lives++; s.living {
			t.Errorf("%s: two lives at once", c.Name())
		}
		if s.kind == "never ready" && s.lives > 1 {
			<-c.Done()
			return nil, c.Err()
		}
		s.living = true
		c.Children() // a supervisor of its own, with a goroutine that must not be left
		return func(c *actor.Context[*order], m *order) error {
			switch {
			case m.how == "ask":
				return m.Reply(len(s.got))
			case m.how != "":
				s.living = false
				return failAs(m.how)
			case s.kind == "deaf" && m.n == 0:
				s.got = append(s.got, m.n)
				<-release // whatever its context says
				s.living = false
				return c.Err()
			}
			s.got = append(s.got, m.n)
			return nil
		}, nil
	}
}

// TestStorm: of many supervised actors random ones panic, exit by Goexit, are not
// ready any more, or ignore that they are told to end, for a minute. The others never
// wait, no message that is queued is lost, and nothing is left in the end.
func TestStorm(t *testing.T) {
	n, each := stormSize(), 6
	before := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sup := supervisor(actor.OneForOne, actor.WithIntensity(100, time.Second),
			actor.WithBackoff(time.Millisecond, time.Second), actor.WithReadyTimeout(time.Hour))
		ctx, cancel := context.WithCancel(bg)
		done := make(chan error, 1)
		go func() { done <- sup.Run(ctx) }()
		all := make([]*storms, n)
		refs := make([]*actor.Ref[*order], n)
		kinds := []string{"good", "good", "good", "good", "panic", "goexit", "error", "never ready", "deaf"}
		for i := range all {
			all[i] = &storms{kind: kinds[rand.IntN(len(kinds))]}
			r, err := actor.Supervise(sup, fmt.Sprint(i), all[i].setup(t, release), actor.Permanent)
			if err != nil {
				t.Fatal(err)
			}
			refs[i] = r
		}
		for k := range each {
			for i, r := range refs {
				_ = r.Tell(bg, &order{n: k})
				switch kind := all[i].kind; {
				case kind == "never ready" && k == 0:
					_ = r.Tell(bg, &order{how: "error"})
				case kind == "panic" || kind == "goexit" || kind == "error":
					_ = r.Tell(bg, &order{how: kind})
				}
			}
		}
		// Those that are well answer without any time passing.
		var slow atomic.Int64
		begin := time.Now()
		for i, r := range refs {
			if all[i].kind == "good" {
				if got, err := actor.Ask(bg, r, &order{how: "ask"}); err != nil || got != each || time.Since(begin) != 0 {
					slow.Add(1)
				}
			}
		}
		if slow.Load() > 0 {
			t.Errorf("%d that are well had to wait", slow.Load())
		}
		synctest.Wait() // until those that are deaf have heard the last that they hear
		// Those that ignore it are told to end: nobody waits for them but who told them.
		for i, r := range refs {
			if all[i].kind == "deaf" {
				go r.Close()
			}
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		for i, s := range all {
			want, r := each, refs[i]
			switch s.kind {
			case "never ready", "deaf": // the rest waits in the mailbox
				want = 1
				if got := r.Stats().Mailbox; got != each-1 {
					t.Errorf("%d (%s): %d wait in the mailbox, want %d", i, s.kind, got, each-1)
				}
			}
			if len(s.got) != want {
				t.Errorf("%d (%s): received %v", i, s.kind, s.got)
			}
			for k, got := range s.got {
				if got != k {
					t.Errorf("%d (%s): received %v", i, s.kind, s.got)
					break
				}
			}
			if failed := int(r.Stats().Restarts); s.kind == "panic" && (failed != each || int(r.Stats().DeadLetters) != each) {
				t.Errorf("%d: %+v after %d panics", i, r.Stats(), each)
			}
		}
		time.Sleep(30 * time.Second)
		close(release)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %.100v", err)
		}
		for i, r := range refs {
			<-r.Done()
			if s := all[i]; s.kind != "never ready" && s.kind != "deaf" && r.Stats().Undelivered != 0 {
				t.Errorf("%d (%s): %d undelivered", i, s.kind, r.Stats().Undelivered)
			}
		}
	})
	for i := 0; runtime.NumGoroutine() > before; i++ { // the bubble has waited for its own
		runtime.Gosched()
	}
}
