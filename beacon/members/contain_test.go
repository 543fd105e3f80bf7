package members

import (
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
)

// What memberlist calls, and what a member does by itself, may panic: the member goes on,
// and finds who comes next. This test is not parallel: a disaster strikes whoever is there
// first.
func TestTasksAreContained(t *testing.T) {
	for _, where := range []string{
		"members: join of a member", "members: news of a member", "members: end of a member",
		"members: member with the lock held", "members: connection", "members: ask the seeds",
		"members: exchange with a member", "members: announce again",
	} {
		t.Run(where, func(t *testing.T) {
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			a := made(t)
			b := made(t, WithSeeds(a.Endpoint()))
			announce(t, b, beacon.Peer{ID: "bob"})
			if where == "members: end of a member" {
				ztest.Eventually(t, "they know each other", func() bool { return a.Stats().Members == 2 })
				b.Close()
			}
			ztest.Soon(t, where, hit)
			c := made(t, WithSeeds(a.Endpoint()))
			announce(t, c, beacon.Peer{ID: "carol"})
			for e := range a.Events(ztest.Within(t)) {
				if e.Peer.ID == "carol" {
					break
				}
			}
			n := func() uint64 { return a.tasks.Panics() + b.tasks.Panics() + c.tasks.Panics() }
			if where == "members: connection" || where == "members: ask the seeds" || where == "members: exchange with a member" || where == "members: announce again" {
				ztest.Eventually(t, "it is counted", func() bool { return n() == 1 })
			} else if n() > 1 { // memberlist's goroutines may outlive a member: one of an earlier test may be struck
				t.Errorf("%d panics were counted, want 1", n())
			}
			if t.Context().Err() != nil {
				t.Error("carol was not found")
			}
		})
	}
}

// Without the goroutine that takes connections a member refuses them; without that which
// listens news go by exchanges; without that
// which asks the seeds it waits to be found; without that which exchanges news go by gossip.
// They end when they are told to.
func TestGoroutinesAreContained(t *testing.T) {
	for _, where := range []string{"members: accept", "members: listen", "members: join", "members: exchanges"} {
		hit, stop := contain.Disaster(where, 1)
		a := made(t, WithSeeds("127.0.0.1:1"))
		ztest.Soon(t, where, hit)
		stop()
		if err := a.Close(); err != nil {
			t.Errorf("%s: Close = %v", where, err)
		}
		if a.tasks.Panics() != 1 {
			t.Errorf("%s: %d panics were counted", where, a.tasks.Panics())
		}
	}
}
