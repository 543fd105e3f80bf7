package gossip

import (
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// These tests are not parallel: a disaster strikes whichever node is there first.

// counted waits until nodes have counted so many panics, and is sure of no more.
func counted(t testing.TB, want uint64, nodes ...*Node) {
	t.Helper()
	n := func() (n uint64) {
		for _, node := range nodes {
			n += node.Stats().Panics
		}
		return n
	}
	ztest.Eventually(t, "it is counted", func() bool { return n() >= want })
	if got := n(); got != want {
		t.Errorf("%d panics were counted, want %d", got, want)
	}
}

// A message, an event or a turn of the clock that panics ends a session at most: with
// another one all nodes agree again, those that were beside it, too.
func TestTasksAreContained(t *testing.T) {
	for _, where := range []string{
		"gossip: message of a client", "gossip: message of a hub", "gossip: event of a hub",
		"gossip: tick", "gossip: tick with the lock held",
	} {
		t.Run(where, func(t *testing.T) {
			var log logbook.Book
			a, at := begun(t, WithLogger(log.Zerolog()))
			b, c := made(t, t.Context(), WithLogger(log.Zerolog())), made(t, t.Context(), WithLogger(log.Zerolog()))
			connect(t, c, at)
			publish(t, c, "c", "1")
			agree(t, "map[c:1]", a, c)
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			connect(t, b, at)
			publish(t, b, "b", "1")
			publish(t, a, "a", "1")
			ztest.Soon(t, where, hit)
			publish(t, c, "c", "2")
			agree(t, "map[a:1 b:1 c:2]", a, b, c)
			counted(t, 1, a, b, c)
			ztest.Eventually(t, "it is in the log", func() bool { return log.Has("ZA0503", "disaster in "+where) }, &log)
		})
	}
}

// A link that loses a goroutine is dropped, and may be made again. The others go on.
func TestLinksAreContained(t *testing.T) {
	for _, where := range []string{"gossip: follow a hub", "gossip: listen to a hub", "gossip: redial", "gossip: close"} {
		t.Run(where, func(t *testing.T) {
			a, at := begun(t)
			b := made(t, t.Context())
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			connect(t, b, at)
			switch where {
			case "gossip: redial":
				b.do("", func(time.Time) { host{b}.Redial(b.last, 0) })
			case "gossip: close":
				if err := b.Disconnect(at); err != nil {
					t.Error(err)
				}
			}
			ztest.Soon(t, where, hit)
			ztest.Eventually(t, "the link is dropped", func() bool {
				b.mu.Lock()
				defer b.mu.Unlock()
				return len(b.dialled) == 0
			})
			c := made(t, t.Context())
			connect(t, c, at)
			publish(t, c, "c", "1")
			agree(t, "map[c:1]", a, c)
			connect(t, b, at)
			agree(t, "map[c:1]", a, b, c)
			counted(t, 1, b)
		})
	}
}

// A node that loses a goroutine it can't do without ends, and no other does.
func TestNodeIsContained(t *testing.T) {
	for _, where := range []string{"gossip: receive", "gossip: clock"} {
		t.Run(where, func(t *testing.T) {
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			c := made(t, t.Context())
			ztest.Soon(t, where, hit)
			ztest.Soon(t, "the end of the node", c.life.Done())
			if err := c.Publish("c", "1", 0); !errors.Is(err, ErrClosed) {
				t.Errorf("Publish = %v, want ErrClosed", err)
			}
			a, at := begun(t)
			b := made(t, t.Context())
			connect(t, b, at)
			publish(t, b, "b", "1")
			agree(t, "map[b:1]", a, b)
		})
	}
}

// A Discoverer goes on after a peer or a renewal that panics; one that loses a goroutine
// ends, and its node does not.
func TestDiscovererIsContained(t *testing.T) {
	for where, ends := range map[string]bool{
		"gossip: peer of a discoverer": false, "gossip: renewal": false, "gossip: renewal with the lock held": false,
		"gossip: follow for a discoverer": true, "gossip: renew": true,
	} {
		t.Run(where, func(t *testing.T) {
			n := made(t, t.Context())
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			d := n.Discoverer("p/", 300*time.Millisecond)
			defer d.Close()
			patience := ztest.Within(t)
			next, end := iter.Pull(d.Events(patience))
			defer end()
			if err := d.Announce(t.Context(), beacon.Peer{ID: "self", Endpoints: []string{"tcp://127.0.0.1:1"}}); err != nil {
				t.Fatal(err)
			}
			ztest.Soon(t, where, hit)
			if ends { // hit says that it begins to end: what is published before it has ended may be found
				if e, ok := next(); ok || patience.Err() != nil {
					t.Errorf("the reader got %+v, %v; %v", e, ok, patience.Err())
				}
			}
			publish(t, n, "p/other", "tcp://127.0.0.1:2")
			if e, ok := next(); ok == ends || ok && e.Peer.ID != "other" {
				t.Errorf("the reader got %+v, %v", e, ok)
			}
			if !ends {
				ztest.Eventually(t, "what was announced is there", func() bool { _, ok := n.Get("p/self"); return ok })
			}
			counted(t, 1, n)
		})
	}
}
