package mesh

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/go-zactor/zactor/gossip/internal/frame"
)

// rounds is how many schedules a test of chance runs.
func rounds(few, many int) int {
	if os.Getenv("ZACTOR_FULL") != "" {
		return many
	}
	return few
}

// nets are the shapes in which everything must converge.
var nets = map[string]func(l *lab){
	"pair": func(l *lab) { l.connect(l.node("a"), l.node("b")) },
	"both ways": func(l *lab) {
		a, b := l.node("a"), l.node("b")
		l.connect(a, b)
		l.connect(b, a)
	},
	"ring": func(l *lab) {
		a, b, c := l.node("a"), l.node("b"), l.node("c")
		l.connect(a, b)
		l.connect(b, c)
		l.connect(c, a)
	},
	"mesh": func(l *lab) {
		for i := range 10 {
			n := l.node(fmt.Sprint("n", i))
			for _, o := range l.nodes[:i] {
				l.connect(n, o)
			}
		}
	},
	"czmq hub": func(l *lab) {
		hub := l.czmq("hub")
		for _, name := range []string{"a", "b", "c"} {
			l.connect(l.node(name), hub)
		}
	},
	"czmq client": func(l *lab) {
		l.frail = true
		hub := l.node("hub")
		l.connect(l.czmq("c"), hub)
		l.connect(l.node("a"), hub)
	},
	"czmq in a ring": func(l *lab) {
		a, b, c := l.node("a"), l.czmq("b"), l.node("c")
		l.connect(a, b)
		l.connect(c, b)
		l.connect(a, c)
	},
	"two czmq hubs": func(l *lab) {
		x, y := l.czmq("x"), l.czmq("y")
		for _, name := range []string{"a", "b"} {
			n := l.node(name)
			l.connect(n, x)
			l.connect(n, y)
		}
	},
	"mesh with czmq hubs": func(l *lab) {
		x, y := l.czmq("x"), l.czmq("y")
		var first *labNode
		for i := range 8 {
			n := l.node(fmt.Sprint("n", i))
			l.connect(n, x)
			l.connect(n, y)
			if first != nil {
				l.connect(n, first)
			}
			first = n
		}
	},
}

// Whatever is restarted, cut and changed, when it is over all have the same, and soon
// nothing moves any more.
func TestConverge(t *testing.T) {
	for name, build := range nets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range rounds(2, 300) {
				l := newLab(t, uint64(seed))
				build(l)
				l.pass(300 * time.Millisecond)
				puts := l.turmoil(30)
				l.plugAll()
				puts += l.revive()
				l.agree(time.Minute)
				if most := (puts + 10) * len(l.nodes) * 12; l.heard() > most {
					t.Fatalf("seed %d: %d deliveries for %d puts at %d nodes: at most %d", seed, l.heard(), puts, len(l.nodes), most)
				}
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// turmoil does things at random, and says how many of them were puts.
func (l *lab) turmoil(steps int) (puts int) {
	for range steps {
		n := l.nodes[l.rand.IntN(len(l.nodes))]
		key := fmt.Sprint("k", l.rand.IntN(3))
		switch l.rand.IntN(8) {
		case 0:
			if l.frail && n.mesh != nil {
				continue
			}
			l.restart(n)
			n.put("own "+n.name, fmt.Sprint("value ", puts))
			puts++
		case 1:
			l.cut(l.wires[l.rand.IntN(len(l.wires))])
		case 2:
			l.plugAll()
		case 3:
			if n.mesh != nil {
				n.mesh.Delete(n.time(), key)
				l.deleted[key] = true
			}
		case 4:
			n.drops += l.rand.IntN(3)
		default:
			n.put(key, fmt.Sprint("v", l.rand.IntN(4)))
			puts++
		}
		l.pass(time.Duration(l.rand.IntN(400)) * time.Millisecond)
	}
	return puts
}

// revive writes anew what was deleted, where there is a czmq: that is never told of a
// deletion, and a zactor behind it does not hear of one.
func (l *lab) revive() (puts int) {
	mixed := slices.ContainsFunc(l.nodes, func(n *labNode) bool { return n.czmq != nil })
	if !mixed {
		return 0
	}
	l.pass(5 * time.Second)
	for _, key := range slices.Sorted(maps.Keys(l.deleted)) {
		n := l.nodes[l.rand.IntN(len(l.nodes))]
		if n.mesh != nil && (l.frail || l.rand.IntN(2) == 0) || n.czmq != nil && !l.frail {
			n.put(key, "revived by "+n.name)
		} else {
			l.zactor().put(key, "revived")
		}
		puts++
	}
	return puts
}

// zactor is one of them.
func (l *lab) zactor() *labNode {
	return l.nodes[slices.IndexFunc(l.nodes, func(n *labNode) bool { return n.mesh != nil })]
}

// czmq#1697: two nodes, each bound and connected to the other, one of which comes back
// with another value. In czmq this is some 100,000 deliveries a second.
func TestRestartWithAnotherValue(t *testing.T) {
	for name, kinds := range map[string][2]func(*lab, string) *labNode{
		"zactors":      {(*lab).node, (*lab).node},
		"czmq returns": {(*lab).node, (*lab).czmq},
		"we return":    {(*lab).czmq, (*lab).node},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, 1)
			a, b := kinds[0](l, "a"), kinds[1](l, "b")
			l.connect(a, b)
			l.connect(b, a)
			b.put("key", "old")
			l.agree(10 * time.Second)
			before := l.heard()
			l.restart(b)
			b.put("key", "new")
			l.pass(50 * time.Millisecond)
			l.plugAll()
			if got := l.agree(10 * time.Second); got != "map[key:new]" {
				t.Errorf("all have %s", got)
			}
			if n := l.heard() - before; n > 10 {
				t.Errorf("%d deliveries", n)
			}
		})
	}
}

// A czmq hub forgets who is silent for a second, and its own clients are.
func TestSilenceAtHub(t *testing.T) {
	l := newLab(t, 2)
	hub, a, b := l.czmq("hub"), l.node("a"), l.node("b")
	l.connect(a, hub)
	l.connect(b, hub)
	l.pass(5 * time.Second)
	hub.put("one", "1")
	l.pass(100 * time.Millisecond)
	a.put("two", "2")
	l.pass(100 * time.Millisecond)
	if a.tuples() != "map[one:1 two:2]" || b.tuples() != a.tuples() {
		t.Errorf("a has %s, b %s", a.tuples(), b.tuples())
	}
	if n := a.mesh.Counters().Invalid + b.mesh.Counters().Invalid; n != 0 {
		t.Errorf("%d INVALIDs", n)
	}
	// The machine is suspended: the hub has forgotten us, and is asked again.
	hub.czmq.clients[l.wires[0]].known = false
	a.put("three", "3")
	if got := l.agree(10 * time.Second); got != "map[one:1 three:3 two:2]" {
		t.Errorf("all have %s", got)
	}
	if a.mesh.Counters().Invalid == 0 {
		t.Error("no INVALID: the test tests nothing")
	}
}

// Writes of several at one czmq hub: the last one that reaches it counts.
func TestWritesCross(t *testing.T) {
	for seed := range rounds(5, 500) {
		l := newLab(t, uint64(seed))
		hub, a, b := l.czmq("hub"), l.node("a"), l.node("b")
		l.connect(a, hub)
		l.connect(b, hub)
		l.pass(time.Second)
		a.put("k", "from a")
		b.put("k", "from b")
		hub.put("k", "from c")
		l.pass(time.Duration(l.rand.IntN(30)) * time.Millisecond)
		a.put("k", "again a")
		if n := l.heard(); n > 40 {
			t.Errorf("seed %d: %d deliveries", seed, n)
		}
		// What b has said may reach the hub after all that a has.
		if got := l.agree(10 * time.Second); got != "map[k:again a]" && got != "map[k:from b]" {
			t.Errorf("seed %d: all have %s", seed, got)
		}
	}
}

// A program behind a czmq hub may go back to a value that it had.
func TestToggle(t *testing.T) {
	l := newLab(t, 3)
	hub, a := l.czmq("hub"), l.node("a")
	l.connect(a, hub)
	l.pass(time.Second)
	for i := range 6 {
		hub.put("k", []string{"up", "down"}[i%2])
		l.pass(500 * time.Millisecond)
	}
	if got := l.agree(time.Second); got != "map[k:down]" {
		t.Errorf("all have %s", got)
	}
}

func TestTimeToLive(t *testing.T) {
	l := newLab(t, 4)
	nets["ring"](l)
	l.pass(time.Second)
	a, c := l.nodes[0], l.nodes[2]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.mesh.Put(a.time(), "k", "v", 2*time.Second))
	l.pass(1500 * time.Millisecond)
	if c.tuples() != "map[k:v]" {
		t.Fatalf("c has %s", c.tuples())
	}
	must(a.mesh.Put(a.time(), "k", "v", 2*time.Second)) // renewed
	l.pass(1500 * time.Millisecond)
	if got := l.agree(0); got != "map[]" {
		t.Fatalf("all have %s", got)
	}
	if before := l.heard(); before != 6 {
		t.Errorf("%d changes: must be one of each kind at each node", before)
	}
	d := l.node("d")
	l.connect(d, a)
	l.pass(time.Second)
	if d.tuples() != "map[]" {
		t.Errorf("who comes late has %s", d.tuples())
	}
	l.pass(2 * labConfig().Memory)
	for _, n := range l.nodes {
		if _, deleted, _ := n.mesh.Knows(); deleted != 0 {
			t.Errorf("%s remembers %d deletions", n.name, deleted)
		}
	}
}

// A deletion reaches who was away and who has the tuple still; czmq is not told.
func TestDelete(t *testing.T) {
	l := newLab(t, 5)
	a, b, c := l.node("a"), l.node("b"), l.czmq("c")
	w, up := l.connect(b, a), l.connect(a, c)
	l.pass(time.Second)
	a.put("k", "v")
	l.agree(5 * time.Second)
	l.cut(w)
	if !a.mesh.Delete(a.time(), "k") || a.mesh.Delete(a.time(), "k") {
		t.Error("it must be there once")
	}
	l.pass(10 * time.Second)
	l.plug(w)
	l.pass(5 * time.Second)
	if a.tuples() != "map[]" || b.tuples() != "map[]" || c.tuples() != "map[k:v]" {
		t.Errorf("a has %s, b %s, czmq %s: only czmq, which has no deletions, must have the tuple", a.tuples(), b.tuples(), c.tuples())
	}
	// However long it is ago, what the czmq hub still has does not come back.
	for range 3 {
		l.pass(labConfig().Memory)
		l.cut(up)
		l.pass(time.Second)
		l.plug(up)
		l.pass(time.Second)
	}
	if a.tuples() != "map[]" || b.tuples() != "map[]" {
		t.Errorf("later a has %s, b %s", a.tuples(), b.tuples())
	}
	c.put("k", "back")
	if got := l.agree(5 * time.Second); got != "map[k:back]" {
		t.Errorf("all have %s", got)
	}
}

// Clocks that are wrong change who wins, but not that all agree; and who has heard of
// a tuple can always replace it.
func TestSkew(t *testing.T) {
	l := newLab(t, 6)
	nets["ring"](l)
	l.nodes[0].skew, l.nodes[1].skew = time.Hour, -time.Hour
	l.pass(time.Second)
	l.nodes[0].put("k", "ahead")
	l.agree(5 * time.Second)
	l.nodes[1].put("k", "behind")
	if got := l.agree(5 * time.Second); got != "map[k:behind]" {
		t.Errorf("all have %s", got)
	}
}

// peer is a bare link into a mesh.
type peer struct {
	sent   []frame.Message
	redial int
	stuck  bool
}

func (p *peer) Send(_ Link, b []byte) bool {
	m, err := frame.Parse([][]byte{b})
	if err != nil || p.stuck {
		return false
	}
	p.sent = append(p.sent, m)
	return true
}
func (p *peer) Redial(Link, time.Duration) { p.redial++ }
func (p *peer) Changed(string)             {}
func (p *peer) Refused(Link, Refusal)      {}

// took is what has been sent since.
func (p *peer) took() (kinds []string) {
	for _, m := range p.sent {
		kinds = append(kinds, m.Kind.String()+m.Key)
	}
	p.sent = nil
	return kinds
}

func bytesOf(t testing.TB, m frame.Message) [][]byte {
	t.Helper()
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{b}
}

// The states of a client at a hub, as czmq has them.
func TestClientStates(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &peer{}
	m := New(labConfig(), p)
	m.Accept(now, 1, "a")
	if err := m.Put(now, "k", "v", 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		say   frame.Message
		after time.Duration
		want  string
	}{
		{"ping of a stranger", frame.Message{Kind: frame.Ping}, 0, "[PONG]"},
		{"publish of a stranger", frame.Message{Kind: frame.Publish, Key: "x", Value: "y"}, 0, "[INVALID]"},
		{"hello", frame.Message{Kind: frame.Hello}, time.Second, "[PUBLISHk]"},
		{"publish", frame.Message{Kind: frame.Publish, Key: "x", Value: "y"}, 0, "[]"},
		{"second hello", frame.Message{Kind: frame.Hello}, time.Second, "[INVALID]"},
		{"publish after it", frame.Message{Kind: frame.Publish, Key: "x", Value: "z"}, 0, "[INVALID]"},
		{"pong", frame.Message{Kind: frame.Pong}, 0, "[INVALID]"},
		{"our hello", frame.Message{Kind: frame.Hello, Ours: true}, 0, "[PUBLISHk PUBLISHx]"},
		{"our second hello", frame.Message{Kind: frame.Hello, Ours: true}, 0, "[PUBLISHk PUBLISHx]"},
	} {
		m.Receive(now, 1, bytesOf(t, c.say))
		now = now.Add(c.after)
		m.Tick(now)
		got := p.took()
		if len(got) == 2 && got[0] > got[1] {
			got[0], got[1] = got[1], got[0]
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: answered %v, want %s", c.name, got, c.want)
		}
	}
	if x, _ := m.Get("x"); x.Value != "z" {
		t.Errorf("x is %q", x.Value)
	}
}

// What is malformed ends one peer's session for a while, is counted, and does nothing
// else.
func TestMalformed(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, frames := range map[string][][]byte{
		"version":    {{0xAA, 0xA0, 1, 2}},
		"two frames": {{0xAA, 0xA0, 1, 1}, {}},
		"nothing":    {{}},
		"too large":  bytesOf(t, frame.Message{Kind: frame.Publish, Key: "k", Value: string(make([]byte, 0)) + fmt.Sprintf("%01001d", 0)}),
	} {
		p := &peer{}
		m := New(labConfig(), p)
		m.Accept(now, 1, "a")
		m.Accept(now, 2, "b")
		m.Dial(3)
		m.Linked(now, 3)
		for _, id := range []Link{1, 2} {
			m.Receive(now, id, bytesOf(t, frame.Message{Kind: frame.Hello, Ours: true}))
		}
		m.Receive(now, 1, frames)
		m.Receive(now, 3, frames)
		c := m.Counters()
		if c.Malformed != 2 || p.redial != 1 {
			t.Errorf("%s: %+v, %d redials", name, c, p.redial)
		}
		if err := m.Put(now, "k", "v", 0); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.took()); got != "[HELLO PING PUBLISHk]" {
			t.Errorf("%s: sent %s: one peer is left", name, got)
		}
		m.Receive(now, 1, bytesOf(t, frame.Message{Kind: frame.Ping}))
		if got := p.took(); len(got) != 0 || m.Counters().Barred != 1 {
			t.Errorf("%s: the barred one got %v", name, got)
		}
		m.Receive(now.Add(labConfig().Bar), 1, bytesOf(t, frame.Message{Kind: frame.Hello, Ours: true}))
		if got := fmt.Sprint(p.took()); got != "[PUBLISHk]" {
			t.Errorf("%s: later it got %s", name, got)
		}
	}
}

// Bounds on what strangers can make a node hold.
func TestBounds(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := labConfig()
	c.MaxKeys, c.MaxPeers = 4, 1
	p := &peer{}
	m := New(c, p)
	if !m.Accept(now, 1, "a") || m.Accept(now, 2, "b") {
		t.Error("one peer must be the most")
	}
	m.Receive(now, 1, bytesOf(t, frame.Message{Kind: frame.Hello, Ours: true}))
	say := func(key string, stamp uint64, ours bool) {
		m.Receive(now, 1, bytesOf(t, frame.Message{Kind: frame.Publish, Key: key, Value: "v", Ours: ours, Number: stamp}))
	}
	for i := range 10 {
		say(fmt.Sprint("k", i), uint64(i+1), i%2 == 0)
	}
	say("k0", uint64(now.Add(48*time.Hour).UnixMicro()), true)
	say("k0", 1<<63, true)
	if live, _, _ := m.Knows(); live != 3 || m.Counters().KeysFull != 7 || m.Counters().Future != 2 {
		t.Errorf("%d tuples, %+v", live, m.Counters())
	}
	m.check(t)
	for i := range 4 {
		if err := m.Put(now, fmt.Sprint("own", i), "v", 0); err != nil {
			t.Errorf("put: %v", err)
		}
	}
	if err := m.Put(now, "one too many", "v", 0); !errors.Is(err, ErrFull) {
		t.Errorf("put: %v", err)
	}
	if live, _, _ := m.Knows(); live != 4 || m.Counters().Evicted != 3 {
		t.Errorf("%d tuples, %+v", live, m.Counters())
	}
	if err := m.Put(now, "a\x00b", "v", 0); !errors.Is(err, frame.ErrInvalid) {
		t.Errorf("put: %v", err)
	}
}

// A peer that has no room is told later, and then the last value only.
func TestNoRoom(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &peer{}
	m := New(labConfig(), p)
	m.Accept(now, 1, "a")
	m.Receive(now, 1, bytesOf(t, frame.Message{Kind: frame.Hello, Ours: true}))
	p.stuck = true
	for i := range 100 {
		if err := m.Put(now, "k", fmt.Sprint(i), 0); err != nil {
			t.Fatal(err)
		}
	}
	p.stuck = false
	next := m.Next()
	if next.IsZero() || next.After(now.Add(time.Second)) {
		t.Fatalf("it tries again at %v", next)
	}
	m.Tick(next)
	if len(p.sent) != 1 || p.sent[0].Value != "99" {
		t.Errorf("sent %v", p.sent)
	}
}

// Hubs that answer INVALID to everything, or nothing, are not flooded.
func TestBadHub(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &peer{}
	m := New(labConfig(), p)
	m.Dial(1)
	m.Linked(now, 1)
	for range 10_000 {
		now = now.Add(time.Millisecond)
		m.Receive(now, 1, bytesOf(t, frame.Message{Kind: frame.Invalid}))
		if next := m.Next(); !next.After(now) {
			m.Tick(now)
		}
		if p.redial > 0 {
			m.Linked(now, 1)
			p.redial = 0
		}
	}
	if n := len(p.sent); n > 100 {
		t.Errorf("%d messages in 10 s", n)
	}
}

// Random frames on random links break nothing, and afterwards all agree.
func TestNoise(t *testing.T) {
	for seed := range rounds(2, 200) {
		l := newLab(t, uint64(seed))
		nets["mesh with czmq hubs"](l)
		l.noisy = true
		l.pass(time.Second)
		for range 200 {
			n := l.nodes[2+l.rand.IntN(len(l.nodes)-2)]
			id := Link(1 + l.rand.IntN(int(n.next)))
			n.mesh.Receive(n.time(), id, [][]byte{l.noise()})
			l.pass(5 * time.Millisecond)
		}
		l.pass(labConfig().Bar)
		l.plugAll()
		l.nodes[2].put("after", "all")
		l.agree(time.Minute)
	}
}

// noise is a frame: a good one, a damaged one, or none.
func (l *lab) noise() []byte {
	m := frame.Message{
		Kind: frame.Kind(1 + l.rand.IntN(5)), Ours: l.rand.IntN(2) == 0, Number: l.rand.Uint64() >> l.rand.IntN(60),
		Key: fmt.Sprint("k", l.rand.IntN(3)), Value: fmt.Sprint("v", l.rand.IntN(4)), TTL: uint32(l.rand.IntN(2000)),
	}
	b, err := m.Append(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	switch l.rand.IntN(4) {
	case 0:
		b[l.rand.IntN(len(b))] ^= byte(1 << l.rand.IntN(8))
	case 1:
		b = b[:l.rand.IntN(len(b))]
	}
	return b
}

// Whatever links bring, nothing breaks, and what is held is bounded by the table.
func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x01\x04\xaa\xa0\x01\x01\x02\x0f\xaa\xa0\x02\x01\x01k\x00\x00\x00\x01v\x00\x00\x00\x00"))
	f.Add([]byte("\x03\x04\xaa\xa0\x04\x01\x03\x0f\xaa\xa0\x02\x01\x01k\x00\x00\x00\x01v\x00\x00\x00\x00\x03\x04\xaa\xa0\x05\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		c := labConfig()
		c.MaxKeys, c.Bar = 5, 0
		m := New(c, &peer{})
		m.Accept(now, 1, "a")
		m.Accept(now, 2, "b")
		m.Dial(3)
		m.Linked(now, 3)
		for len(b) >= 2 {
			id, size := Link(b[0]%3+1), min(int(b[1]), len(b)-2)
			m.Receive(now, id, [][]byte{b[2 : 2+size]})
			now = now.Add(time.Duration(b[0]) * 4 * time.Millisecond)
			m.Tick(now)
			if id == 3 && b[0] > 200 {
				m.Linked(now, 3)
			}
			b = b[2+size:]
		}
		m.check(t)
	})
}
