package members

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
)

// Packets of one address, however many, take no share from another's: what a member at
// another address announces is heard while they come.
func TestPacketsOfOneAddress(t *testing.T) {
	t.Parallel()
	m := made(t, func(c *config) error { c.rate = 64; return nil })
	c, err := net.Dial("udp", m.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = c.Write([]byte{0xff, 1, 2})
			}
		}
	}()
	defer func() { close(stop); <-ended }()
	ztest.Eventually(t, "some are dropped", func() bool { return m.Stats().Limited > 1000 || m.Stats().Muted > 0 })
	other, err := New(t.Context(), WithBind("127.0.0.2:0"), WithSeeds(m.Endpoint()), unhelped)
	if err != nil {
		t.Skip(err)
	}
	defer other.Close()
	news := pulling(t, m)
	announce(t, other, beacon.Peer{ID: "bob"})
	if e := news(); e.Kind != beacon.Found || e.Peer.ID != "bob" {
		t.Errorf("%+v", e)
	}
}

// Connections of one address have a quarter of the places. When all are taken, the oldest of
// the address with the most is closed for one that has fewer.
func TestArrivals(t *testing.T) {
	a, of := newArrivals(), map[*stream]arrival{}
	var closed []*stream
	come := func(from string) (*stream, bool) {
		s := &stream{}
		at, ok := a.take(s, netip.MustParseAddr(from), func(old *stream) {
			closed = append(closed, old)
			a.give(of[old])
			delete(of, old)
		})
		if ok {
			of[s] = at
		}
		return s, ok
	}
	taken := func(from string, tries int) (got []*stream) {
		for range tries {
			if s, ok := come(from); ok {
				got = append(got, s)
			}
		}
		return got
	}
	first := taken("10.0.0.1", 2*mostArrivals)
	if len(first) != mostArrivals/4 || len(closed) > 0 {
		t.Fatalf("one address has %d of %d places, and %d were closed", len(first), mostArrivals, len(closed))
	}
	for _, from := range []string{"10.0.0.2", "10.0.0.3", "2001:db8::1"} {
		taken(from, mostArrivals)
	}
	if len(of) != mostArrivals {
		t.Fatalf("%d places are taken, want all %d", len(of), mostArrivals)
	}
	if late := taken("10.0.0.5", 10); len(late) != 10 || len(closed) != 10 || slices.Contains(closed, late[0]) {
		t.Errorf("a newcomer has %d of 10 places, for %d", len(late), len(closed))
	}
	if s, ok := come("2001:db8::2"); ok { // the same /64
		t.Errorf("an address with the most has %p more", s)
	}
	for s, at := range of {
		a.give(at)
		delete(of, s)
	}
	if f := a.pool.Figures(); f.Held.Places != 0 || a.pool.Addresses() != 0 {
		t.Errorf("%d places of %d addresses are left", f.Held.Places, a.pool.Addresses())
	}
}
