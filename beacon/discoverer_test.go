package beacon

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// pulling pulls the events of a Discoverer one by one.
func pulling(t testing.TB, d Discoverer) func() PeerEvent {
	t.Helper()
	next, stop := iter.Pull(d.Events(ztest.Within(t)))
	t.Cleanup(stop)
	return func() PeerEvent {
		t.Helper()
		e, ok := next()
		if !ok {
			t.Fatal("the events ended")
		}
		return e
	}
}

func examplePeer(id string) Peer {
	return Peer{ID: id, Endpoints: []string{"tcp://*:5670", "ipc:///tmp/x"}, Values: map[string]string{"role": "server", "empty": ""}}
}

func TestUDPExpiry(t *testing.T) {
	b := NewPeerTable("udp")
	start := time.Unix(100, 0)
	k := tracker{board: b, expiry: 5 * time.Second, limit: 3, seen: map[spot]time.Time{}}
	hear := func(id, nic, from string, after time.Duration) {
		k.hear(Peer{ID: id}, Signal{From: netip.AddrPortFrom(netip.MustParseAddr(from), 1), Interface: nic, Time: start.Add(after)})
	}
	hear("a", "eth0", "10.0.0.1", 0)
	hear("a", "eth1", "10.1.0.1", time.Second)
	hear("b", "eth0", "10.0.0.2", 2*time.Second)
	hear("c", "eth0", "10.0.0.3", 2*time.Second) // one too many
	if b.Len() != 3 || len(k.seen) != 3 {
		t.Errorf("%d and %d known, want the limit", b.Len(), len(k.seen))
	}
	hear("a", "eth0", "10.0.0.1", 3*time.Second)
	for _, test := range []struct {
		after time.Duration
		want  int
	}{{5 * time.Second, 3}, {6 * time.Second, 2}, {7 * time.Second, 1}, {7999 * time.Millisecond, 1}, {8 * time.Second, 0}} {
		if k.sweep(start.Add(test.after)); b.Len() != test.want {
			t.Errorf("after %v %d are known, want %d", test.after, b.Len(), test.want)
		}
	}
	hear("c", "eth0", "10.0.0.3", 9*time.Second)
	k.leave("c", "eth0", netip.MustParseAddr("10.0.0.9")) // a goodbye from somewhere else
	if b.Len() != 1 {
		t.Error("a goodbye from another address was believed")
	}
	k.leave("c", "eth0", netip.MustParseAddr("10.0.0.3"))
	if b.Len() != 0 {
		t.Error("a goodbye was not believed")
	}
}

func TestStatic(t *testing.T) {
	s := NewStatic(Peer{ID: "a", Endpoints: []string{"tcp://10.0.0.1:1"}}, Peer{ID: "b"}, Peer{ID: "me"})
	if err := s.Announce(t.Context(), Peer{ID: "me"}); err != nil {
		t.Fatal(err)
	}
	next := pulling(t, s)
	for _, want := range []string{"found a", "found b"} {
		if e := next(); fmt.Sprint(e.Kind, " ", e.Peer.ID) != want || e.Where != (Sighting{Source: "static"}) {
			t.Errorf("%+v, want %s", e, want)
		}
	}
	s.Set(Peer{ID: "c"}, Peer{ID: "me"}, Peer{ID: "a", Endpoints: []string{"tcp://10.0.0.2:1"}})
	for _, want := range []string{"found c", "changed a", "lost b"} {
		if e := next(); fmt.Sprint(e.Kind, " ", e.Peer.ID) != want {
			t.Errorf("%+v, want %s", e, want)
		}
	}
	if err := s.Announce(t.Context(), Peer{}); !errors.Is(err, ErrInvalidPeer) {
		t.Errorf("no ID: %v", err)
	}
	s.Close()
}

// What a Discoverer gives out belongs to the receiver, and what it is given is copied.
func TestPeerTableSharesNothing(t *testing.T) {
	b := NewPeerTable("x")
	p := examplePeer("a")
	b.Post(p, "", netip.Addr{})
	p.Values["role"], p.Endpoints[0] = "!", "!"
	for range 2 {
		for e := range b.Events(t.Context()) { // of its own each time
			if !e.Peer.Equal(examplePeer("a")) {
				t.Errorf("%+v", e.Peer)
			}
			e.Peer.Values["role"], e.Peer.Endpoints[0] = "!", "!"
			break
		}
	}
}

func TestRoster(t *testing.T) {
	first, second := NewStatic(), NewPeerTable("other")
	other := &fake{PeerTable: second, source: "other"}
	r := NewRoster(context.Background(), first, other)
	defer r.Close()
	next, stop := iter.Pull(r.Events(ztest.Within(t)))
	defer stop()
	expect := func(kind EventKind, id, endpoints, sightings string) {
		t.Helper()
		e, ok := next()
		var places []string
		for _, s := range e.Entry.Sightings {
			places = append(places, s.Source+"/"+s.Interface)
		}
		got := fmt.Sprint(e.Kind, " ", e.Entry.ID, " ", e.Entry.Endpoints, " ", places)
		if want := fmt.Sprint(kind, " ", id, " ", endpoints, " ", sightings); !ok || got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	other.Post(Peer{ID: "a", Endpoints: []string{"tcp://2"}, Values: map[string]string{"k": "2", "only": "2"}}, "eth1", netip.Addr{})
	expect(Found, "a", "[tcp://2]", "[other/eth1]")
	other.Post(Peer{ID: "a", Endpoints: []string{"tcp://2"}}, "eth0", netip.Addr{})
	expect(Changed, "a", "[tcp://2]", "[other/eth0 other/eth1]")
	first.Set(Peer{ID: "a", Endpoints: []string{"tcp://1", "tcp://2"}, Values: map[string]string{"k": "1"}}, Peer{ID: "me"})
	expect(Changed, "a", "[tcp://1 tcp://2]", "[static/ other/eth0 other/eth1]")
	expect(Found, "me", "[]", "[static/]")
	if e, ok := r.Peer("a"); !ok || e.Values["k"] != "1" || e.Values["only"] != "2" {
		t.Errorf("values %v: the first source counts", e.Values)
	}
	other.refuse = errors.New("no room")
	if err := r.Announce(t.Context(), Peer{ID: "me"}); !errors.Is(err, other.refuse) || !strings.Contains(err.Error(), "other: ") {
		t.Errorf("announce: %v", err)
	}
	expect(Lost, "me", "[]", "[static/]")
	second.Remove("a", "eth1", netip.Addr{})
	expect(Changed, "a", "[tcp://1 tcp://2]", "[static/ other/eth0]")
	second.Remove("a", "eth0", netip.Addr{})
	expect(Changed, "a", "[tcp://1 tcp://2]", "[static/]")
	if list := r.Peers(); len(list) != 1 || list[0].ID != "a" {
		t.Errorf("the roster is %v", list)
	}
	first.Set()
	expect(Lost, "a", "[tcp://1 tcp://2]", "[static/]")
	if len(r.Peers()) != 0 || len(r.seen) != 0 {
		t.Errorf("left: %v, %v", r.Peers(), r.seen)
	}
	other.fail = true
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	for range r.Events(context.Background()) {
		t.Error("a closed roster has events")
	}
}

// A source that fails is named by Err, and the others go on.
func TestRosterOutlivesASource(t *testing.T) {
	broken := &fake{PeerTable: NewPeerTable("broken"), source: "broken", fail: true}
	r := NewRoster(context.Background(), broken, NewStatic(Peer{ID: "a"}))
	defer r.Close()
	ztest.Eventually(t, "the failure is known", func() bool { return errors.Is(r.Err(), errBroken) })
	ztest.Eventually(t, "the other source is heard", func() bool { return len(r.Peers()) == 1 })
}

var errBroken = errors.New("broken")

// A fake is what another package would write: a Discoverer made of a PeerTable.
type fake struct {
	*PeerTable
	source string
	refuse error
	fail   bool
}

func (f *fake) Source() string                       { return f.source }
func (f *fake) Announce(context.Context, Peer) error { return f.refuse }
func (f *fake) Close() error                         { f.PeerTable.Close(); return nil }
func (f *fake) Events(ctx context.Context) iter.Seq[PeerEvent] {
	if !f.fail {
		return f.PeerTable.Events(ctx)
	}
	return func(yield func(PeerEvent) bool) { yield(PeerEvent{Kind: Failed, Err: errBroken}) }
}
