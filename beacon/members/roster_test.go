package members

import (
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/internal/ztest"
)

// udpPort returns a port for beacons on the loopback, and skips where those are not
// heard.
func udpPort(t *testing.T) int {
	t.Helper()
	return ztest.Port(t)
}

// joined is a program that finds others in four ways at once.
func joined(t *testing.T, port int, hub, seed string, known ...beacon.Peer) (r *beacon.Roster, at, member string) {
	t.Helper()
	udp, err := beacon.NewUDP(t.Context(), nil, beacon.WithLoopback(true), beacon.WithPort(port), beacon.WithInterval(50*time.Millisecond))
	if err != nil {
		t.Skipf("no beacon on the loopback: %v", err)
	}
	g, err := gossip.New(t.Context(), gossip.WithLinger(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if at, err = g.Bind("tcp://127.0.0.1:*"); err != nil {
		t.Fatal(err)
	}
	var seeds []Option
	if hub != "" {
		if err := g.Connect(hub); err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, WithSeeds(seed))
	}
	m := made(t, seeds...)
	r = beacon.NewRoster(t.Context(), udp, g.Discoverer("peer/", time.Minute), beacon.NewStatic(known...), m)
	t.Cleanup(func() {
		r.Close()
		g.Close()
	})
	return r, at, m.Endpoint()
}

// Beacon, gossip, a list and memberlist feed one roster, which has each peer once and
// says in which ways it is heard; it stays as long as it is heard in any.
func TestOneRoster(t *testing.T) {
	t.Parallel()
	port := udpPort(t)
	bob := beacon.Peer{ID: "bob", Endpoints: []string{"tcp://127.0.0.1:5671"}, Values: map[string]string{}}
	printer := beacon.Peer{ID: "printer", Endpoints: []string{"tcp://127.0.0.1:9100"}}
	here, at, member := joined(t, port, "", "", bob, printer)
	there, _, _ := joined(t, port, at, member)
	if err := here.Announce(t.Context(), beacon.Peer{ID: "alice", Endpoints: []string{"tcp://127.0.0.1:5670"}}); err != nil {
		t.Fatal(err)
	}
	if err := there.Announce(t.Context(), bob); err != nil {
		t.Fatal(err)
	}
	ways := func(id string) (sources []string) {
		e, _ := here.Peer(id)
		for _, s := range e.Sightings {
			if !slices.Contains(sources, s.Source) {
				sources = append(sources, s.Source)
			}
		}
		return sources
	}
	ztest.Eventually(t, "bob is heard in four ways", func() bool {
		return slices.Equal(ways("bob"), []string{"udp", "gossip", "static", "members"})
	})
	if e, _ := here.Peer("bob"); !slices.Equal(e.Endpoints, bob.Endpoints) {
		t.Errorf("bob is at %v", e.Endpoints)
	}
	if !slices.Equal(ways("printer"), []string{"static"}) || len(here.Peers()) != 2 {
		t.Errorf("the roster is %+v", here.Peers())
	}
	ztest.Eventually(t, "alice is heard in three ways", func() bool {
		e, _ := there.Peer("alice")
		return len(e.Sightings) >= 3
	})
	there.Close()
	ztest.Eventually(t, "bob is in the list only", func() bool { return slices.Equal(ways("bob"), []string{"static"}) })
	if err := here.Err(); err != nil {
		t.Error(err)
	}
}
