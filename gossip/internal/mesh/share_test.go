package mesh

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// station is a mesh whose peers say what a test wants.
type station struct {
	*Mesh
	t   testing.TB
	now time.Time
}

func newStation(t testing.TB, change func(*Config)) *station {
	c := labConfig()
	c.Peer, c.Address = 0.5, 0.75
	if change != nil {
		change(&c)
	}
	return &station{New(c, &peer{}), t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// join has a client connect from an address and say HELLO.
func (s *station) join(id Link, address string) {
	s.t.Helper()
	if !s.Accept(s.now, id, address) {
		s.t.Fatalf("peer %d is turned away", id)
	}
	s.Receive(s.now, id, bytesOf(s.t, frame.Message{Kind: frame.Hello, Ours: true}))
}

// says has a peer publish n keys that begin with a prefix.
func (s *station) says(id Link, prefix string, n int, value string) {
	for i := range n {
		s.Receive(s.now, id, bytesOf(s.t, frame.Message{
			Kind: frame.Publish, Key: fmt.Sprint(prefix, i), Value: value, Ours: true, Number: uint64(s.now.UnixMicro()) + uint64(i),
		}))
	}
}

// has is how many keys there are that begin with a prefix.
func (s *station) has(prefix string) (n int) {
	for _, key := range s.Keys() {
		if strings.HasPrefix(key, prefix) {
			n++
		}
	}
	return n
}

// One key whose stamp rises, or that is renewed, again and again costs what one key
// costs.
func TestRisingStamps(t *testing.T) {
	s := newStation(t, nil)
	s.join(1, "a")
	s.Dial(2)
	s.Linked(s.now, 2)
	for i := range 100_000 {
		f := frame.Message{Kind: frame.Publish, Key: "k", Value: "v", Ours: true, Number: uint64(s.now.UnixMicro()) + uint64(i), TTL: 60_000}
		s.Receive(s.now, 1, bytesOf(t, f))
		if i%2 == 1 {
			s.now = s.now.Add(time.Millisecond)
		}
	}
	if s.has("") != 1 || len(s.ends) != 1 || s.Counters().Flood != 0 {
		t.Errorf("%d keys, %d ends, %+v", s.has(""), len(s.ends), s.Counters())
	}
	s.check(t)
}

// One stranger can't fill the table; nor can many from one address; and who comes later
// gets a place at the cost of who has most.
func TestCrowdedTable(t *testing.T) {
	s := newStation(t, nil) // 1,000 keys
	s.join(1, "bad")
	s.says(1, "junk1 ", 2000, "v")
	if n, c := s.has("junk"), s.Counters(); n != 500 || c.OverShare != 1500 {
		t.Errorf("a stranger has %d keys, %+v", n, c)
	}
	s.join(2, "bad")
	s.says(2, "junk2 ", 2000, "v")
	if n := s.has("junk"); n != 750 {
		t.Errorf("an address has %d keys", n)
	}
	s.join(3, "worse")
	s.says(3, "junk3 ", 2000, "v")
	if n := s.has(""); n != 937 {
		t.Errorf("%d keys: a sixteenth is the program's own", n)
	}
	s.join(4, "good")
	s.says(4, "good ", 100, "v")
	if n := s.has("good"); n != 100 {
		t.Errorf("an honest peer has %d of its 100 keys: %+v", n, s.Counters())
	}
	s.says(1, "again ", 2000, "v")
	s.says(3, "again ", 2000, "v")
	for i := range 300 {
		if err := s.Put(s.now, fmt.Sprint("own ", i), "v", 0); err != nil {
			t.Fatal(err)
		}
	}
	s.says(2, "more ", 2000, "v")
	if good, own := s.has("good"), s.has("own"); good != 100 || own != 300 {
		t.Errorf("later the honest one has %d, the program %d: %+v", good, own, s.Counters())
	}
	s.check(t)
}

// Bytes are bounded as keys are.
func TestCrowdedBytes(t *testing.T) {
	s := newStation(t, func(c *Config) { c.MaxBytes = 100_000 })
	s.join(1, "bad")
	s.says(1, "junk ", 400, strings.Repeat("x", 900))
	if used := s.shares.Figures().Held.Minus(s.shares.Own().Used()); used.Bytes > 50_000 || used.Bytes < 45_000 {
		t.Errorf("a stranger has %+v", used)
	}
	s.join(2, "good")
	s.says(2, "good ", 10, strings.Repeat("y", 900))
	s.says(1, "good ", 10, strings.Repeat("z", 900)) // no larger: it may change them, and holds no more
	if err := s.Put(s.now, "own", strings.Repeat("o", 1000), 0); err != nil || s.has("good") != 10 {
		t.Errorf("%v, the honest one has %d", err, s.has("good"))
	}
	s.check(t)
}

// What a lost peer left goes before all else when room is needed, and stays while it is
// not; who tells it again takes it over.
func TestLostPeersKeys(t *testing.T) {
	s := newStation(t, nil)
	s.join(1, "a")
	s.says(1, "left ", 400, "v")
	s.Hangup(1)
	s.join(2, "b")
	s.says(2, "b ", 400, "v")
	if s.has("left") != 400 {
		t.Fatalf("%d are left", s.has("left"))
	}
	s.join(3, "c")
	s.says(3, "left ", 50, "v") // told again, with the same stamps
	s.says(3, "c ", 400, "v")
	if s.has("b") != 400 || s.has("c") != 400 || s.has("left") != 137 {
		t.Errorf("b has %d, c %d, %d are left; %+v", s.has("b"), s.has("c"), s.has("left"), s.Counters())
	}
	for i := range 50 {
		if _, ok := s.Get(fmt.Sprint("left ", i)); !ok {
			t.Errorf("left %d is gone, though a node has it", i)
		}
	}
	for id := range Link(4) {
		s.Hangup(id)
	}
	if s.shares.Addresses() != 0 {
		t.Errorf("%d addresses are still there", s.shares.Addresses())
	}
	s.check(t)
}

// Two tables that can't become equal, because one has no room, do not send each other
// everything every few seconds.
func TestTooSmallForTheOther(t *testing.T) {
	l := newLab(t, 8)
	small, large := l.node("small"), l.node("large")
	small.mesh.config.MaxKeys = 20
	small.mesh.shares = newShares(small.mesh.config)
	l.connect(small, large)
	l.connect(large, small)
	l.pass(time.Second)
	for i := range 100 {
		large.put(fmt.Sprint("k", i), "v")
	}
	l.pass(10 * time.Minute)
	c, d := small.mesh.Counters(), large.mesh.Counters()
	if c.Resyncs+d.Resyncs > 20 || c.Received+d.Received > 10_000 {
		t.Errorf("%d and %d resyncs, %d and %d messages in 10 minutes", c.Resyncs, d.Resyncs, c.Received, d.Received)
	}
	small.mesh.check(t)
	if live, _, _ := small.mesh.Knows(); live < 18 {
		t.Errorf("the small one has %d", live)
	}
}
