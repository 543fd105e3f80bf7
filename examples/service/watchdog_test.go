package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/actor/actortest"
)

// An answer in time is a sign of life, one that does not come is none.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		signs := 0
		probe := actortest.NewProbe[any](t)
		_, err := actor.New(t.Context(), watchdog(probe.Ref, time.Second, func(state string) error {
			if signs++; state != "WATCHDOG=1" {
				t.Errorf("notified %q", state)
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 10 {
			q := actortest.Expect[*Health](probe)
			if n%2 == 0 {
				_ = q.Reply(true)
			} else {
				<-q.Context().Done() // it has waited long enough
			}
			if synctest.Wait(); signs != n/2+1 {
				t.Fatalf("%d signs of life after %d questions", signs, n+1)
			}
		}
	})
}

// Without WATCHDOG_USEC nobody asks.
func TestNoWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe := actortest.NewProbe[any](t)
		if _, err := actor.New(t.Context(), watchdog(probe.Ref, 0, nil)); err != nil {
			t.Fatal(err)
		}
		probe.None(time.Hour)
	})
}

func TestPatience(t *testing.T) {
	for us, want := range map[string]time.Duration{"": 0, "20000": 20 * time.Millisecond, "0": -1, "-5": -1, "x": -1} {
		t.Setenv("WATCHDOG_USEC", us)
		if d, err := patience(); d != max(want, 0) || (err != nil) != (want < 0) {
			t.Errorf("WATCHDOG_USEC=%q: %v, %v", us, d, err)
		}
	}
	t.Setenv("WATCHDOG_USEC", "20000")
	t.Setenv("WATCHDOG_PID", "1") // of another process
	if d, err := patience(); d != 0 || err != nil {
		t.Errorf("WATCHDOG_PID=1: %v, %v", d, err)
	}
}
