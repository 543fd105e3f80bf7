package actor_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
)

// running runs a supervisor until the test ends, or end is called.
func running(t *testing.T, sup *actor.Supervisor) (end func() error) {
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error, 1)
	go func() { done <- sup.Run(ctx) }()
	var once sync.Once
	var err error
	end = func() error {
		once.Do(func() {
			cancel()
			err = <-done
		})
		return err
	}
	t.Cleanup(func() {
		if err := end(); err != nil && !errors.Is(err, actor.ErrGaveUp) {
			t.Errorf("Run = %v", err)
		}
	})
	return end
}

// job is what pools get; who writes down which member had it.
type job struct {
	n   int
	how string
	actor.Answer[string]
}

// worker answers with its name.
func worker(c *actor.Context[*job]) (actor.Handler[*job], error) {
	return func(c *actor.Context[*job], m *job) error {
		switch m.how {
		case "panic":
			panic(errBoom)
		case "slow":
			time.Sleep(time.Hour)
		}
		return m.Reply(c.Name())
	}, nil
}

func TestPoolRoutes(t *testing.T) {
	for name, c := range map[string]struct {
		route actor.Route[*job]
		want  string // who gets 0, 1, 2, 3, 0
	}{
		"round robin": {actor.RoundRobin[*job](), "[p/1 p/2 p/3 p/1 p/2]"},
		"by key":      {actor.ByKey(func(m *job) int { return m.n }), ""},
		"shared":      {actor.Shared[*job](), ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			sup := supervisor(actor.OneForOne)
			defer running(t, sup)()
			p, err := actor.Pool(sup, "p", 3, c.route, worker)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			var who []string
			for _, n := range []int{0, 1, 2, 3, 0} {
				s, err := actor.Ask(bg, p, &job{n: n})
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				who = append(who, s)
			}
			if c.want != "" && fmt.Sprint(who) != c.want {
				t.Errorf("%s: %v, want %s", name, who, c.want)
			}
			if name == "by key" && who[0] != who[4] {
				t.Errorf("%s: the same key went to %s and %s", name, who[0], who[4])
			}
		})
	}
}

// In a shared pool a slow member holds up nobody.
func TestSharedPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.OneForOne)
		running(t, sup)
		p, _ := actor.Pool(sup, "p", 2, actor.Shared[*job](), worker)
		tellAll(t, p, &job{how: "slow"})
		synctest.Wait()
		begin := time.Now()
		for range 10 {
			if _, err := actor.Ask(bg, p, &job{}); err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(begin); d != 0 {
			t.Errorf("ten asks beside a slow member took %v", d)
		}
		// A member that fails is restarted; what waits is kept, for whoever is free.
		if _, err := actor.Ask(bg, p, &job{how: "panic"}); !errors.Is(err, errBoom) {
			t.Errorf("Ask = %v", err)
		}
		if _, err := actor.Ask(bg, p, &job{}); err != nil {
			t.Error(err)
		}
		if s := p.Stats(); s.Restarts != 1 {
			t.Errorf("%+v", s)
		}
		// Shutdown works off what is there.
		tellAll(t, p, &job{}, &job{}, &job{})
		if err := p.Shutdown(bg); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		if d := time.Since(begin); d != time.Hour {
			t.Errorf("done after %v", d)
		}
		if err := p.Tell(bg, &job{}); !errors.Is(err, actor.ErrClosed) || len(sup.Children()) != 0 {
			t.Errorf("Tell = %v, %d children", err, len(sup.Children()))
		}
	})
}

// The keys of a member that has ended for good go to the others, and only those.
func TestByKeyWithoutAMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sup := supervisor(actor.OneForOne)
		running(t, sup)
		p, _ := actor.Pool(sup, "p", 4, actor.ByKey(func(m *job) int { return m.n }), worker)
		who := func(n int) string {
			s, err := actor.Ask(bg, p, &job{n: n})
			if err != nil {
				t.Error(err)
			}
			return s
		}
		const keys = 200
		before := make([]string, keys)
		counts := map[string]int{}
		for n := range before {
			before[n] = who(n)
			counts[before[n]]++
		}
		for name, n := range counts {
			if n < keys/4/3 {
				t.Errorf("%s has %d keys of %d", name, n, keys)
			}
		}
		gone, _ := sup.Child("p/2")
		stop(t, gone)
		for n := range before {
			if now := who(n); before[n] != "p/2" && now != before[n] || now == "p/2" {
				t.Errorf("key %d went from %s to %s", n, before[n], now)
			}
		}
		for _, u := range sup.Children() {
			stop(t, u)
		}
		<-p.Done()
		if _, err := actor.Ask(bg, p, &job{}); !errors.Is(err, actor.ErrClosed) {
			t.Errorf("Ask = %v", err)
		}
	})
}

func TestBroadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		got := map[string]int{}
		sup := supervisor(actor.OneForOne)
		running(t, sup)
		p, _ := actor.Pool(sup, "p", 3, actor.Broadcast[any](), handler(func(c *actor.Context[any], m any) error {
			mu.Lock()
			defer mu.Unlock()
			got[c.Name()]++
			return nil
		}))
		tellAll[any](t, p, 1, 2)
		if err := p.TryTell(3); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if fmt.Sprint(got) != "map[p/1:3 p/2:3 p/3:3]" {
			t.Errorf("got %v", got)
		}
		if _, err := actor.Ask(bg, p, &job{}); !errors.Is(err, actor.ErrType) {
			t.Errorf("Ask = %v", err)
		}
		if err := p.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
}

// A pool ends with its supervisor, and is refused when it can't be made.
func TestPoolsEnd(t *testing.T) {
	sup := supervisor(actor.OneForOne)
	end := running(t, sup)
	reg := actor.NewRegistry()
	p, err := actor.Pool(sup, "p", 3, actor.Shared[*job](), worker, actor.WithRegistry(reg))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := actor.Find[*job](reg, "p"); found != p || err != nil || len(reg.Names()) != 1 {
		t.Errorf("Find = %v, %v among %v", found, err, reg.Names())
	}
	if _, err := actor.Pool(sup, "p", 3, actor.Shared[*job](), worker); !errors.Is(err, actor.ErrNameTaken) {
		t.Errorf("a second pool of that name: %v", err)
	}
	if _, err := actor.Pool(sup, "q", 0, actor.Shared[*job](), worker); !errors.Is(err, actor.ErrOption) {
		t.Errorf("a pool of nobody: %v", err)
	}
	_ = end()
	<-p.Done()
	if p.Err() != nil || len(reg.Names()) != 0 {
		t.Errorf("Err = %v, registered %v", p.Err(), reg.Names())
	}
	if _, err := actor.Pool(sup, "late", 2, actor.RoundRobin[*job](), worker); !errors.Is(err, actor.ErrClosed) {
		t.Errorf("a pool under a supervisor that has ended: %v", err)
	}
}

// A supervisor's Shutdown ends the pools among its children when they have worked off
// what they have.
func TestShutdownOfASupervisorWithPools(t *testing.T) {
	for name, route := range map[string]actor.Route[*job]{"shared": actor.Shared[*job](), "round robin": actor.RoundRobin[*job]()} {
		synctest.Test(t, func(t *testing.T) {
			sup := supervisor(actor.OneForOne)
			done := make(chan error)
			go func() { done <- sup.Run(bg) }()
			p, _ := actor.Pool(sup, "p", 2, route, worker)
			synctest.Wait()
			tellAll(t, p, &job{how: "slow"}, &job{how: "slow"}, &job{how: "slow"})
			begin := time.Now()
			if err := sup.Shutdown(bg); err != nil {
				t.Errorf("%s: Shutdown = %v", name, err)
			}
			if d := time.Since(begin); d != 2*time.Hour {
				t.Errorf("%s: after %v", name, d)
			}
			<-done
			<-p.Done()
		})
	}
}
