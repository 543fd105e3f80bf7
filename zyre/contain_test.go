package zyre

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/msg"
)

// These tests are not parallel: a disaster strikes whichever node is there first.

// contained waits until nodes have counted so many panics, and is sure of no more.
func contained(t testing.TB, want uint64, nodes ...*Node) {
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

// reaches sees to it that whispers arrive, in the end: the peer that a message has cost its
// link, or that was silent for too long on a busy machine, has to be found again, and who
// has heard of that is not known.
func reaches(t testing.TB, from, to *Node) {
	t.Helper()
	heard := listen(t, to)
	arrived := func() bool {
		select {
		case e := <-heard.next:
			return e.Kind == Whisper
		default:
			return false
		}
	}
	ztest.Eventually(t, "a whisper arrives", func() bool {
		_ = from.Whisper(ztest.Within(t), to.ID(), msg.NewString("hello"))
		return arrived()
	})
}

// A message, a beacon, a dial or a turn of the clock that panics ends a peer at most: it
// comes again, and those that were beside it have not noticed.
func TestTasksAreContained(t *testing.T) {
	for _, where := range []string{
		"zyre: message", "zyre: beacon", "zyre: tick", "zyre: tick with the lock held",
		"zyre: dial", "zyre: end of a dial",
	} {
		t.Run(where, func(t *testing.T) {
			port := network(t)
			var log logbook.Book
			quick := []Option{WithInterval(50 * time.Millisecond), WithTimeouts(time.Second, 3*time.Second), WithLogger(log.Zerolog())}
			a, b := begun(t, port, "a", quick...), begun(t, port, "b", quick...)
			meet(t, a, b)
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			c := begun(t, port, "c", quick...)
			ztest.Soon(t, where, hit)
			ztest.Eventually(t, "it is in the log", func() bool { return log.Has("disaster in " + where) })
			if !log.Has("ZA0503") {
				t.Errorf("the log has\n%s\nwant event ZA0503", log.String())
			}
			contained(t, 1, a, b, c)
			reaches(t, a, c)
		})
	}
}

// A link that can't be hung up in good order is closed at once.
func TestHangupIsContained(t *testing.T) {
	port := network(t)
	a, b := begun(t, port, "a"), begun(t, port, "b")
	meet(t, a, b)
	hit, stop := contain.Disaster("zyre: hang up", 1)
	defer stop()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	ztest.Soon(t, "the hang up", hit)
	ztest.Eventually(t, "a is alone", func() bool { return a.Stats().Peers == 0 })
}

// A node that loses a goroutine it can't do without ends, and no other does.
func TestNodeIsContained(t *testing.T) {
	for _, where := range []string{"zyre: receive", "zyre: clock", "zyre: hear"} {
		t.Run(where, func(t *testing.T) {
			port := network(t)
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			c := begun(t, port, "c")
			ztest.Soon(t, where, hit)
			ztest.Soon(t, "the end of the node", c.life.Done())
			if err := c.Join("group"); !errors.Is(err, ErrClosed) {
				t.Errorf("Join = %v, want ErrClosed", err)
			}
			meet(t, begun(t, port, "a"), begun(t, port, "b"))
		})
	}
}

// A goodbye that panics keeps nothing from ending.
func TestStopIsContained(t *testing.T) {
	_, stop := contain.Disaster("zyre: stop", 1)
	defer stop()
	n := begun(t, network(t), "a")
	if err := n.Close(); err != nil || n.Stats().Panics != 1 {
		t.Errorf("Close = %v, %d panics", err, n.Stats().Panics)
	}
}

// badWay is a Discoverer that panics somewhere.
type badWay struct {
	beacon.Discoverer
	announce, events, ranging func()
	found                     beacon.PeerEvent
}

func (w badWay) Announce(context.Context, beacon.Peer) error {
	if w.announce != nil {
		w.announce()
	}
	return nil
}

func (w badWay) Events(ctx context.Context) iter.Seq[beacon.PeerEvent] {
	if w.events != nil {
		w.events()
	}
	return func(yield func(beacon.PeerEvent) bool) {
		if w.ranging != nil {
			w.ranging()
		}
		for yield(w.found) && ctx.Err() == nil {
			<-ctx.Done()
		}
	}
}

// A Discoverer that panics is New's error, or is not followed any more; one that says what
// can't be worked on is heard again.
func TestDiscovererIsContained(t *testing.T) {
	disaster := func() { panic("disaster") }
	for name, way := range map[string]badWay{"Announce": {announce: disaster}, "Events": {events: disaster}} {
		n, err := New(t.Context(), "a", WithoutBeacon(true), WithLoopback(true), WithDiscoverer(way))
		if n != nil || !errors.Is(err, contain.ErrPanic) {
			t.Errorf("%s: New = %v, %v", name, n, err)
		}
	}
	n, err := New(t.Context(), "a", WithoutBeacon(true), WithLoopback(true), WithDiscoverer(badWay{ranging: disaster}))
	if err != nil {
		t.Fatal(err)
	}
	contained(t, 1, n)
	if err := n.Join("group"); err != nil {
		t.Errorf("the node has ended: %v", err)
	}
	n.Close()
	other := begun(t, network(t), "other")
	for _, where := range []string{"zyre: news", "zyre: reminder", "zyre: peer of a discoverer"} {
		hit, stop := contain.Disaster(where, 1)
		at := beacon.PeerEvent{Kind: beacon.Found, Peer: beacon.Peer{ID: other.ID().String(), Endpoints: []string{other.Endpoint()}}}
		steady := beacon.PeerEvent{Kind: beacon.Found, Peer: beacon.Peer{ID: "no node"}}
		n, err := New(t.Context(), "a", WithoutBeacon(true), WithLoopback(true), WithInterval(50*time.Millisecond),
			WithDiscoverer(badWay{found: steady}, badWay{found: at}))
		if err != nil {
			t.Fatal(err)
		}
		ztest.Soon(t, where, hit)
		contained(t, 1, n)
		if where != "zyre: news" { // that is said but once
			ztest.Eventually(t, "the peer is found", func() bool { return n.Stats().Peers == 1 })
		}
		n.Close()
		stop()
	}
	hit, stop := contain.Disaster("zyre: remind", 1)
	defer stop()
	n, err = New(t.Context(), "a", WithoutBeacon(true), WithLoopback(true), WithDiscoverer(badWay{}))
	if err != nil {
		t.Fatal(err)
	}
	ztest.Soon(t, "the loss of the goroutine", hit)
	ztest.Soon(t, "the end of the node", n.life.Done())
}

// badKeys panics for one key.
type badKeys struct {
	cert.Store
	bad string
}

func (s badKeys) Lookup(key string) (*cert.Cert, bool) {
	if key == s.bad {
		panic("disaster")
	}
	return s.Store.Lookup(key)
}

// A store that panics refuses that peer, and the others meet.
func TestStoreIsContained(t *testing.T) {
	port := network(t)
	own := func() *cert.Cert {
		c, err := cert.New()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ka, kb, kc := own(), own(), own()
	trusted := badKeys{cert.NewMemStore(ka, kb, kc), kc.Public()}
	a, b := begun(t, port, "a", WithCurve(ka, trusted)), begun(t, port, "b", WithCurve(kb, trusted))
	c := begun(t, port, "c", WithCurve(kc, trusted))
	meet(t, a, b)
	ztest.Eventually(t, "c is refused", func() bool { return a.auth.Stats().Failed+b.auth.Stats().Failed > 0 })
	if c.Stats().Peers != 0 {
		t.Errorf("c has %d peers", c.Stats().Peers)
	}
}

// The goroutine that hears of decisions may go, and the network stays.
func TestJudgeIsContained(t *testing.T) {
	for _, where := range []string{"zyre: judge", "zyre: decision"} {
		port := network(t)
		hit, stop := contain.Disaster(where, 1)
		ka, _ := cert.New()
		kb, _ := cert.New()
		kc, _ := cert.New()
		trusted := cert.NewMemStore(ka, kb)
		a := begun(t, port, "a", WithCurve(ka, trusted))
		begun(t, port, "c", WithCurve(kc, cert.NewMemStore(ka, kb))).Name()
		ztest.Soon(t, where, hit)
		stop()
		b := begun(t, port, "b", WithCurve(kb, trusted))
		ztest.Eventually(t, "a and b meet", func() bool { return a.Stats().Peers == 1 && b.Stats().Peers == 1 })
	}
}
