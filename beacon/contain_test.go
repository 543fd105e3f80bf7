package beacon

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// These tests are not parallel: a disaster strikes whichever beacon is there first.

// A datagram, a sending or a look at the interfaces that panics is over; the next works.
func TestTasksAreContained(t *testing.T) {
	for _, where := range []string{"beacon: datagram", "beacon: send", "beacon: command", "beacon: rescan"} {
		t.Run(where, func(t *testing.T) {
			port := loopback(t)
			var log logbook.Book
			hearer := local(t, port, WithRescan(20*time.Millisecond), WithLogger(log.Zerolog()))
			hearer.Subscribe(nil)
			heard := listen(t, hearer)
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			sayer := local(t, port, WithRescan(20*time.Millisecond), WithLogger(log.Zerolog()))
			publish(t, sayer, "x", 10*time.Millisecond)
			if where == "beacon: command" { // nothing was published
				publish(t, sayer, "x", 10*time.Millisecond)
			}
			ztest.Soon(t, where, hit)
			for range 3 {
				heard.expect("x")
			}
			ztest.Eventually(t, "it is counted", func() bool { return hearer.Stats().Panics+sayer.Stats().Panics == 1 })
			ztest.Eventually(t, "it is in the log", func() bool { return log.Has("ZA0503") })
		})
	}
}

// A beacon that loses the goroutine that publishes says ErrClosed, and still hears.
func TestPublisherIsContained(t *testing.T) {
	port := loopback(t)
	hit, stop := contain.Disaster("beacon: publish", 1)
	defer stop()
	b := local(t, port)
	b.Subscribe(nil)
	heard := listen(t, b)
	ztest.Soon(t, "the loss", hit)
	if err := b.Publish([]byte("x"), time.Second); !errors.Is(err, ErrClosed) {
		t.Errorf("Publish = %v, want ErrClosed", err)
	}
	b.Silence()
	other := local(t, port)
	publish(t, other, "y", 10*time.Millisecond)
	heard.expect("y")
}

// One that loses the goroutine that hears still publishes.
func TestHearerIsContained(t *testing.T) {
	port := loopback(t)
	hit, stop := contain.Disaster("beacon: hear", 1)
	defer stop()
	b := local(t, port)
	ztest.Soon(t, "the loss", hit)
	other := local(t, port)
	other.Subscribe(nil)
	heard := listen(t, other)
	publish(t, b, "x", 10*time.Millisecond)
	heard.expect("x")
}

// WithInterfaces and WithPace: an interface is left out, and the interval holds.
func TestHooksAreContained(t *testing.T) {
	for how, disaster := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		port := loopback(t)
		other := local(t, port)
		other.Subscribe(nil)
		heard := listen(t, other)
		b := local(t, port, WithPace(func(time.Duration) time.Duration { disaster(); return time.Hour }))
		publish(t, b, "x", 10*time.Millisecond)
		heard.expect("x")
		heard.expect("x")
		if b.Stats().Panics == 0 {
			t.Errorf("%s: WithPace was not counted", how)
		}
		b.Close()
		none := local(t, port, WithInterfaces(func(net.Interface) bool { disaster(); return true }))
		if err := none.Publish([]byte("x"), time.Second); err != nil || none.Stats().Sent != 0 || none.Stats().Panics == 0 {
			t.Errorf("%s: Publish = %v, %d sent, %d panics", how, err, none.Stats().Sent, none.Stats().Panics)
		}
	}
}

// badFormat panics while it is bad.
type badFormat struct {
	Format
	prefix, parse, add atomic.Bool
}

func (f *badFormat) Prefix() []byte { f.may(&f.prefix); return f.Format.Prefix() }
func (f *badFormat) Append(b []byte, self Peer, leaving bool) ([]byte, error) {
	f.may(&f.add)
	return f.Format.Append(b, self, leaving)
}
func (f *badFormat) Parse(b []byte, from netip.Addr) (Peer, bool, error) {
	f.may(&f.parse)
	return f.Format.Parse(b, from)
}
func (f *badFormat) may(bad *atomic.Bool) {
	if bad.Load() {
		panic("disaster")
	}
}

// A format that panics is NewUDP's error, or Announce's caller's; one beacon is lost, and
// the end is not held up.
func TestFormatIsContained(t *testing.T) {
	port := loopback(t)
	self := Peer{ID: "self", Endpoints: []string{"tcp://127.0.0.1:1"}}
	f := &badFormat{Format: PeerFormat}
	f.prefix.Store(true)
	if u, err := NewUDP(t.Context(), f, WithPort(port), WithLoopback(true)); u != nil || !errors.Is(err, contain.ErrPanic) {
		t.Errorf("NewUDP = %v, %v", u, err)
	}
	f.prefix.Store(false)
	u, err := NewUDP(t.Context(), f, WithPort(port), WithLoopback(true))
	if err != nil {
		t.Fatal(err)
	}
	next, end := iter.Pull(u.Events(ztest.Within(t)))
	defer end()
	f.add.Store(true)
	if err := contain.Call("announce", func() { _ = u.Announce(t.Context(), self) }); !errors.Is(err, contain.ErrPanic) {
		t.Errorf("Announce's caller got %v", err)
	}
	f.add.Store(false)
	if err := u.Announce(t.Context(), self); err != nil {
		t.Error(err)
	}
	f.parse.Store(true)
	other, err := NewUDP(t.Context(), nil, WithPort(port), WithLoopback(true), WithInterval(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Announce(t.Context(), Peer{ID: "other"}); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "it is counted", func() bool { return u.Stats().Panics > 0 })
	f.parse.Store(false)
	if e, ok := next(); !ok || e.Peer.ID != "other" {
		t.Errorf("found %+v, %v", e, ok)
	}
	f.add.Store(true) // the goodbye
	if err := errors.Join(u.Close(), other.Close()); err != nil {
		t.Error(err)
	}
}

// A Discoverer over UDP that loses its goroutine ends.
func TestUDPIsContained(t *testing.T) {
	port := loopback(t)
	for where, ends := range map[string]bool{"beacon: follow": true, "beacon: sweep": false, "beacon: format": false} {
		hit, stop := contain.Disaster(where, 1)
		u, err := NewUDP(t.Context(), nil, WithPort(port), WithLoopback(true), WithExpiry(20*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		other := local(t, port)
		payload, _ := PeerFormat.Append(nil, Peer{ID: "other"}, false)
		publish(t, other, string(payload), 5*time.Millisecond)
		ztest.Soon(t, where, hit)
		if ends {
			ztest.Soon(t, "the end", u.life.Done())
		} else if e, ok := first(u.Events(ztest.Within(t))); !ok || e.Peer.ID != "other" {
			t.Errorf("%s: found %+v, %v", where, e, ok)
		}
		u.Close()
		other.Close()
		stop()
	}
}

func first(events iter.Seq[PeerEvent]) (e PeerEvent, ok bool) {
	for e := range events {
		return e, true
	}
	return e, false
}

// badWay is a Discoverer that panics somewhere.
type badWay struct {
	*PeerTable
	where string
}

func (w badWay) may(where string) {
	if w.where == where {
		panic("disaster")
	}
}
func (w badWay) Source() string                       { w.may("Source"); return "bad" }
func (w badWay) Announce(context.Context, Peer) error { w.may("Announce"); return nil }
func (w badWay) Close() error                         { w.may("Close"); return w.PeerTable.Close() }
func (w badWay) Events(ctx context.Context) iter.Seq[PeerEvent] {
	w.may("Events")
	return func(yield func(PeerEvent) bool) {
		w.may("ranging")
		if w.where == "Source" && !yield(PeerEvent{Kind: Failed, Err: errors.New("it has failed")}) {
			return
		}
		for e := range w.PeerTable.Events(ctx) {
			if !yield(e) {
				return
			}
		}
	}
}

// A Discoverer of a Roster that panics is said to have failed, and the others go on.
func TestRosterIsContained(t *testing.T) {
	for _, where := range []string{"Source", "Announce", "Close", "Events", "ranging", "beacon: peer of a discoverer", "beacon: peer of a discoverer with the lock held"} {
		t.Run(where, func(t *testing.T) {
			bad, good := badWay{NewPeerTable("bad"), where}, badWay{NewPeerTable("good"), ""}
			r := NewRoster(t.Context(), bad, good)
			if where == "Events" || where == "ranging" || where == "Source" {
				ztest.Eventually(t, "the failure is kept", func() bool { return r.Err() != nil })
			}
			if err := r.Announce(t.Context(), Peer{ID: "self"}); (err != nil) != (where == "Announce") || err != nil && !errors.Is(err, contain.ErrPanic) {
				t.Errorf("Announce = %v", err)
			}
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			good.Post(Peer{ID: "first"}, "", netip.Addr{})
			if strings.HasPrefix(where, "beacon") {
				ztest.Soon(t, where, hit)
			}
			good.Post(Peer{ID: "second"}, "", netip.Addr{})
			ztest.Eventually(t, "the peer is found", func() bool { _, ok := r.Peer("second"); return ok })
			if err := r.Close(); (err != nil) != (where == "Close") || err != nil && !errors.Is(err, contain.ErrPanic) {
				t.Errorf("Close = %v", err)
			}
			bad.PeerTable.Close()
		})
	}
}
