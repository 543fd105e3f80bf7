package beacon

import (
	"maps"
	"net/netip"
	"slices"
	"testing"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

func newLinkSet(t *testing.T, opts ...Option) *linkSet {
	t.Helper()
	c, err := newConfig(append(opts, WithPort(loopback(t))))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lan.Listen(c.port, c.casts)
	if err != nil {
		t.Fatal(err)
	}
	s := &linkSet{
		port: c.port, choice: c.choice, casts: c.casts, listeners: l, counters: new(counters),
		links: make(map[lan.Target]*link), joined: make(lan.Memberships),
	}
	t.Cleanup(func() {
		s.close()
		for _, one := range l.All() {
			one.Conn.Close()
		}
	})
	return s
}

// owns are the sockets that a rescan leaves open.
func (s *linkSet) owns(t *testing.T) (own []netip.AddrPort, fresh int) {
	t.Helper()
	v, links, err := s.rescan()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(maps.Keys(v.Own)), len(links)
}

// A link is kept while it works, and opened anew after it has failed.
func TestFailedLinkIsOpenedAnew(t *testing.T) {
	s := newLinkSet(t, WithLoopback(true))
	first, fresh := s.owns(t)
	if len(first) != 1 || fresh != 1 {
		t.Fatalf("the first look found %v, %d of them new", first, fresh)
	}
	if again, fresh := s.owns(t); !slices.Equal(again, first) || fresh != 0 {
		t.Errorf("the second look found %v, %d of them new; want the same", again, fresh)
	}
	for _, l := range s.links {
		l.conn.Close()
	}
	s.sendAll([]byte("into the void"))
	if n := s.counters.sendErrors.Load(); n != 1 {
		t.Errorf("%d errors counted, want 1", n)
	}
	if third, fresh := s.owns(t); slices.Equal(third, first) || fresh != 1 {
		t.Errorf("the look after the failure found %v, %d of them new; want another", third, fresh)
	}
	s.sendAll([]byte("over the new one"))
	if n := s.counters.sent.Load(); n != 1 {
		t.Errorf("%d sent, want 1", n)
	}
}

// An interface that can't be opened is counted at every try, and the others are
// opened all the same.
func TestOneInterfaceNeverStopsAnother(t *testing.T) {
	s := newLinkSet(t, WithLoopback(true))
	good := s.choice.Targets(mustNICs(t), s.casts)
	bad := good[0]
	bad.Source, bad.NIC = netip.MustParseAddr("192.0.2.200"), "gone0" // an address of no host
	fresh := s.open([]lan.Target{bad, good[0]})
	if len(fresh) != 1 || s.counters.linkErrors.Load() != 1 {
		t.Errorf("%d opened, %d errors: want one of each", len(fresh), s.counters.linkErrors.Load())
	}
}

func mustNICs(t *testing.T) []lan.NIC {
	t.Helper()
	nics, err := lan.SystemNICs()
	if err != nil {
		t.Fatal(err)
	}
	return nics
}
