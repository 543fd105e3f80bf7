package gossip

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	a, at := begun(t)
	b, c := made(t, t.Context()), made(t, t.Context())
	publish(t, b, "before", "1")
	connect(t, b, at)
	connect(t, c, at)
	agree(t, "map[before:1]", a, b, c)
	publish(t, c, "after", "2")
	publish(t, a, "before", "3")
	agree(t, "map[after:2 before:3]", a, b, c)
	if err := b.Delete("after"); err != nil {
		t.Fatal(err)
	}
	if err := c.Publish("short", "x", 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "the short one is there", func() bool { x, ok := a.Get("short"); return ok && !x.Until.IsZero() })
	agree(t, "map[before:3]", a, b, c)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	ctx := ztest.Within(t)
	a, at := begun(t)
	b := made(t, t.Context())
	publish(t, a, "k", "1")
	connect(t, b, at)
	next, stop := iter.Pull(b.Events(ctx))
	defer stop()
	expect := func(kind EventKind, value string) {
		t.Helper()
		if e, ok := next(); !ok || e.Kind != kind || e.Key != "k" || e.Value != value {
			t.Fatalf("%v %+v %v, want %v %q", e.Kind, e.Tuple, ok, kind, value)
		}
	}
	expect(Found, "1")
	publish(t, a, "k", "2")
	expect(Changed, "2")
	if err := a.Delete("k"); err != nil {
		t.Fatal(err)
	}
	expect(Lost, "2")
	b.Close()
	if _, ok := next(); ok {
		t.Error("there is more after Close")
	}
}

// Nodes come back again and again with other values: all agree in the end, and few
// messages are needed for it. In a ring each one dials the next, in a mesh all others
// before it.
func TestRestarts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size int
		dial func(i, other int) bool
	}{
		"ring": {3, func(i, other int) bool { return other == (i+1)%3 }},
		"mesh": {10, func(i, other int) bool { return other < i }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes, ends := make([]*Node, c.size), make([]string, c.size)
			for i := range nodes {
				nodes[i], ends[i] = begun(t)
			}
			dial := func(i int) {
				for other, at := range ends {
					if c.dial(i, other) {
						connect(t, nodes[i], at)
					}
				}
			}
			for i, n := range nodes {
				dial(i)
				publish(t, n, fmt.Sprint("n", i), "0")
			}
			for round := range 5 {
				i := rand.IntN(c.size)
				nodes[i].Close()
				nodes[i] = made(t, t.Context())
				publish(t, nodes[i], fmt.Sprint("n", i), fmt.Sprint("back ", round))
				ztest.Eventually(t, "the port is free", func() bool { _, err := nodes[i].Bind(ends[i]); return err == nil })
				dial(i)
				publish(t, nodes[rand.IntN(c.size)], "shared", fmt.Sprint(round))
			}
			ztest.Eventually(t, "all agree", func() bool {
				for _, n := range nodes {
					if tuples(n) != tuples(nodes[0]) || len(n.Snapshot()) != c.size+1 {
						return false
					}
				}
				return true
			})
			if x, _ := nodes[0].Get("shared"); x.Value != "4" {
				t.Errorf("the last value of all is %q", x.Value)
			}
			for i, n := range nodes {
				if s := n.Stats(); s.Delivered > 60 {
					t.Errorf("node %d: %d deliveries (%+v)", i, s.Delivered, s)
				}
			}
		})
	}
}

func TestCurve(t *testing.T) {
	t.Parallel()
	zc := zmq.NewContext(ztest.Within(t))
	authority, err := auth.New(zc)
	if err != nil {
		t.Fatal(err)
	}
	defer authority.Close()
	var keys [3]*cert.Cert
	for i := range keys {
		if keys[i], err = cert.New(); err != nil {
			t.Fatal(err)
		}
	}
	authority.Curve("global", cert.NewMemStore(keys[1]))
	a := made(t, zc, WithCurve(keys[0]))
	at, err := a.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	friend, stranger, clear := made(t, t.Context(), WithCurve(keys[1])), made(t, t.Context(), WithCurve(keys[2])), made(t, t.Context())
	for _, n := range []*Node{friend, stranger} {
		if err := n.Connect(at, WithServerKey(keys[0].Public())); err != nil {
			t.Fatal(err)
		}
	}
	connect(t, clear, at)
	publish(t, stranger, "bad", "1")
	publish(t, clear, "worse", "1")
	publish(t, friend, "good", "1")
	publish(t, a, "mine", "1")
	agree(t, "map[good:1 mine:1]", a, friend)
	if tuples(stranger) != "map[bad:1]" || tuples(clear) != "map[worse:1]" {
		t.Errorf("strangers have %s and %s", tuples(stranger), tuples(clear))
	}
	if err := friend.Connect(at); !errors.Is(err, ErrInvalidOption) {
		t.Errorf("connect without the key: %v", err)
	}
	if err := friend.Connect(at, WithServerKey("short")); !errors.Is(err, ErrInvalidOption) {
		t.Errorf("connect with a wrong key: %v", err)
	}
	if err := clear.Connect(at, WithServerKey(keys[0].Public())); !errors.Is(err, ErrInvalidOption) {
		t.Errorf("connect without a certificate: %v", err)
	}
}

// noise is how long nodes are fed random frames.
func noise() time.Duration {
	if os.Getenv("ZACTOR_FULL") != "" {
		return time.Minute
	}
	return time.Second
}

// Peers that send rubbish are dropped, each for itself; then all agree.
func TestNoise(t *testing.T) {
	t.Parallel()
	a, at := begun(t)
	b, bat := begun(t)
	connect(t, b, at)
	for end, i := time.Now().Add(noise()), 0; time.Now().Before(end); i++ {
		s, err := zmq.NewDealer(t.Context(), zmq.WithLinger(0))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Connect([]string{at, bat}[i%2]); err != nil {
			t.Fatal(err)
		}
		for range 200 {
			if s.TrySend(msg.New(rubbish())) != nil {
				time.Sleep(time.Millisecond)
			}
		}
		if err := s.WaitConnected(ztest.Within(t), 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // or it would close before it has said much
		s.Close()
	}
	publish(t, a, "after", "1")
	publish(t, b, "all", "2")
	ztest.Eventually(t, "all agree", func() bool {
		x, _ := b.Get("after")
		y, _ := a.Get("all")
		return x.Value == "1" && y.Value == "2" && tuples(a) == tuples(b)
	})
	if a.Stats().Malformed+b.Stats().Malformed == 0 {
		t.Error("nothing malformed has been counted")
	}
}

func rubbish() []byte {
	good := []string{
		"\xaa\xa0\x01\x01", "\xaa\xa0\x03\x01", "\xaa\xa0\x05\x01", "\xaa\xa0\x02\x01\x01k\x00\x00\x00\x01v\x00\x00\x00\x00",
		"\xaa\xa0\x02\x01\x01k\x00\x00\x00\x01w\x00\x00\x00\x00ZX\x01\x00\x00\x00\x00\x00\x00\x00\x00\x09",
	}
	b := []byte(good[rand.IntN(len(good))])
	switch rand.IntN(3) {
	case 0:
		b[rand.IntN(len(b))] ^= byte(1 << rand.IntN(8))
	case 1:
		b = b[:rand.IntN(len(b))]
	}
	return b
}

// A hub that sends rubbish is left, and dialled again: it may have come to its senses.
func TestBadHub(t *testing.T) {
	t.Parallel()
	ctx := ztest.Within(t)
	hub, err := zmq.NewRouter(ctx, zmq.WithLinger(0))
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	at, err := hub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	n, own := begun(t)
	other := made(t, ctx)
	connect(t, n, at)
	connect(t, other, own)
	hellos := 0
	for hellos < 2 {
		m, err := hub.Recv(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if m.Frames[1][2] == 1 { // HELLO
			hellos++
			if err := hub.SendBytes(ctx, m.Frames[0], []byte("rubbish")); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(t, other, "k", "v")
	agree(t, "map[k:v]", n)
	if s := n.Stats(); s.Malformed == 0 || s.Redials == 0 {
		t.Errorf("%+v", s)
	}
}

// Peers above the bound are turned away, and their going makes room for nobody else
// than who is there.
func TestMaxPeers(t *testing.T) {
	t.Parallel()
	a, at := begun(t, WithMaxPeers(1))
	publish(t, a, "k", "v")
	b := made(t, t.Context())
	connect(t, b, at)
	agree(t, "map[k:v]", b)
	for range 3 {
		c := made(t, t.Context())
		before := a.Stats().PeersFull
		connect(t, c, at)
		ztest.Eventually(t, "it is turned away", func() bool { return a.Stats().PeersFull > before })
		c.Close()
	}
	b.Close()
	ztest.Eventually(t, "b is gone", func() bool { return a.Stats().Links == 0 })
	d := made(t, t.Context())
	connect(t, d, at)
	agree(t, "map[k:v]", d)
}

// The end of the context is the end of the node.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	n := made(t, ctx)
	cancel()
	for range n.Events(ztest.Within(t)) {
		t.Error("an event of a node without tuples")
	}
	ztest.Eventually(t, "it is closed", func() bool { return errors.Is(n.Publish("k", "v", 0), ErrClosed) })
}

func TestErrors(t *testing.T) {
	t.Parallel()
	n := made(t, t.Context(), WithMaxKeys(1), WithMaxValue(5))
	for _, c := range []struct {
		key, value string
		ttl        time.Duration
		want       error
	}{
		{"", "v", 0, ErrInvalid}, {strings.Repeat("k", 256), "v", 0, ErrInvalid}, {"k", "", 0, ErrInvalid}, {"k", "a\x00", 0, ErrInvalid},
		{"k", "v", -1, ErrInvalid}, {"k", "v", 1 << 62, ErrInvalid}, {"k", "123456", 0, ErrTooLarge}, {"k", "12345", 0, nil}, {"l", "v", 0, ErrFull},
	} {
		if err := n.Publish(c.key, c.value, c.ttl); !errors.Is(err, c.want) {
			t.Errorf("%.10q %q %v: %v, want %v", c.key, c.value, c.ttl, err, c.want)
		}
	}
	if err := n.Connect("nonsense"); !errors.Is(err, zmq.ErrInvalidEndpoint) {
		t.Errorf("connect: %v", err)
	}
	if _, err := n.Bind("nonsense"); !errors.Is(err, zmq.ErrInvalidEndpoint) {
		t.Errorf("bind: %v", err)
	}
	if err := n.Disconnect("tcp://127.0.0.1:9"); !errors.Is(err, ErrNotConnected) {
		t.Errorf("disconnect: %v", err)
	}
	n.Close()
	if err := n.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	_, bind := n.Bind("tcp://127.0.0.1:*")
	for what, err := range map[string]error{"publish": n.Publish("k", "v", 0), "delete": n.Delete("k"), "bind": bind, "connect": n.Connect("tcp://127.0.0.1:9")} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
	for name, opt := range map[string]Option{
		"timeout": WithTimeout(0), "memory": WithMemory(0), "bar": WithBar(-1), "keys": WithMaxKeys(0), "value": WithMaxValue(0),
		"peers": WithMaxPeers(0), "curve": WithCurve(nil), "linger": WithLinger(-1),
	} {
		if _, err := New(t.Context(), opt); !errors.Is(err, ErrInvalidOption) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiscoverer(t *testing.T) {
	t.Parallel()
	ctx := ztest.Within(t)
	a, at := begun(t)
	b := made(t, t.Context())
	connect(t, b, at)
	da, db := a.Discoverer("peer/", time.Second), b.Discoverer("peer/", time.Second)
	defer da.Close()
	next, stop := iter.Pull(da.Events(ctx))
	defer stop()
	key := strings.Repeat("07", 32)
	for i, p := range []beacon.Peer{
		{ID: "x", Endpoints: []string{"tcp://10.0.0.1:1"}, Values: map[string]string{}},
		{ID: "x", Endpoints: []string{"tcp://10.0.0.1:1"}, Values: map[string]string{publicKey: key}},
		{ID: "x", Endpoints: []string{"tcp://10.0.0.1:1", "ipc:///x"}, Values: map[string]string{"role": "server"}},
	} {
		if err := db.Announce(ctx, p); err != nil {
			t.Fatal(err)
		}
		kind := beacon.Changed
		if i == 0 {
			kind = beacon.Found
		}
		if e, ok := next(); !ok || e.Kind != kind || !e.Peer.Equal(p) || e.Where.Source != "gossip" {
			t.Errorf("%+v, want %v %+v", e, kind, p)
		}
	}
	publish(t, a, "else", "where") // no peer
	publish(t, a, "peer/broken", "{")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if e, ok := next(); !ok || e.Kind != beacon.Lost || e.Peer.ID != "x" {
		t.Errorf("%+v, want lost", e)
	}
	for _, p := range []beacon.Peer{{}, {ID: "y", Endpoints: []string{"tcp://*:1"}}, {ID: "y", Endpoints: []string{"nowhere"}}, {ID: strings.Repeat("y", 300)}} {
		if err := da.Announce(ctx, p); !errors.Is(err, beacon.ErrInvalidPeer) {
			t.Errorf("announce %.40v: %v", p, err)
		}
	}
	if err := da.Announce(ctx, beacon.Peer{ID: "y", Values: map[string]string{"v": strings.Repeat("v", 70000)}}); !errors.Is(err, beacon.ErrTooLarge) {
		t.Errorf("announce: %v", err)
	}
	if err := db.Announce(ctx, beacon.Peer{ID: "z"}); !errors.Is(err, beacon.ErrClosed) {
		t.Errorf("announce after Close: %v", err)
	}
}
