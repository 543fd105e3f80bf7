package mesh

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/gossip/internal/frame"
	"github.com/go-zactor/zactor/internal/budget"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lab is a network with a clock of its own. Packets of one direction of one wire
// stay in order, all else is up to chance.
type lab struct {
	t     testing.TB
	rand  *rand.Rand
	now   time.Time
	nodes []*labNode
	wires []*wire
	queue []packet
	frail bool // a czmq client never tells anybody again what it has told once: spare who knows it

	deleted map[string]bool // keys that were, by any node
	noisy   bool            // nodes may have been made to believe that a czmq knows versions
}

// labNode is a zactor, or a czmq.
type labNode struct {
	lab   *lab
	name  string
	mesh  *Mesh
	czmq  *czmq
	ears  map[Link]*wire
	next  Link
	skew  time.Duration // of its clock
	full  bool          // no link has room
	drops int           // this many messages to come get lost
	heard int           // changes that the program has been told of
}

// wire is a connection, of a dialler and of one that has bound.
type wire struct {
	ends  [2]*labNode // dialler, hub
	links [2]Link
	up    bool
	life  int  // counts connections
	again bool // it comes back by itself
	last  [2]time.Time
}

type packet struct {
	at   time.Time
	w    *wire
	to   int
	life int
	b    []byte
}

func newLab(t testing.TB, seed uint64) *lab {
	return &lab{t: t, deleted: map[string]bool{}, rand: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func labConfig() Config {
	return Config{
		Timeout: time.Second, Memory: time.Minute, Grace: 200 * time.Millisecond, Echo: time.Second, Bar: 2 * time.Second,
		MaxKeys: 1000, MaxBytes: 1 << 20, Peer: 1, Address: 1, MaxValue: 1000, MaxPeers: 100, MaxMargin: 24 * time.Hour,
	}
}

func (l *lab) node(name string) *labNode {
	n := &labNode{lab: l, name: name}
	n.boot()
	l.nodes = append(l.nodes, n)
	return n
}

func (n *labNode) boot() {
	n.ears = map[Link]*wire{}
	n.mesh = New(labConfig(), n)
}

func (n *labNode) time() time.Time { return n.lab.now.Add(n.skew) }

// Send implements Host.
func (n *labNode) Send(id Link, b []byte) bool {
	w := n.ears[id]
	if w == nil || n.full {
		return false
	}
	if n.drops > 0 && w.ends[0].mesh != nil && w.ends[1].mesh != nil {
		n.drops--
		return true
	}
	n.lab.post(w, n, b)
	return true
}

// Redial implements Host.
func (n *labNode) Redial(id Link, _ time.Duration) {
	if w := n.ears[id]; w != nil {
		n.lab.cut(w)
		w.again = true
	}
}

// Changed implements Host.
func (n *labNode) Changed(string)        { n.heard++ }
func (n *labNode) Refused(Link, Refusal) {}

// post sends a packet to the other end.
func (l *lab) post(w *wire, from *labNode, b []byte) {
	to := 0
	if w.ends[0] == from {
		to = 1
	}
	at := l.now.Add(time.Duration(1+l.rand.IntN(20)) * time.Millisecond)
	if at.Before(w.last[to]) {
		at = w.last[to]
	}
	w.last[to] = at
	p := packet{at, w, to, w.life, slices.Clone(b)}
	i, _ := slices.BinarySearchFunc(l.queue, p, func(a, b packet) int {
		if a.at.After(b.at) {
			return 1
		}
		return -1
	})
	l.queue = slices.Insert(l.queue, i, p)
}

// connect makes dialler dial hub, now and whenever the wire is down.
func (l *lab) connect(dialler, hub *labNode) *wire {
	w := &wire{ends: [2]*labNode{dialler, hub}}
	for i, n := range w.ends {
		n.next++
		w.links[i] = n.next
	}
	if dialler.mesh != nil {
		dialler.mesh.Dial(w.links[0])
	} else {
		dialler.czmq.connect(w)
	}
	l.wires = append(l.wires, w)
	l.plug(w)
	return w
}

func (l *lab) plug(w *wire) {
	if w.up {
		return
	}
	w.up = true
	w.life++
	d, h := w.ends[0], w.ends[1]
	d.ears[w.links[0]], h.ears[w.links[1]] = w, w
	if h.mesh != nil {
		h.mesh.Accept(h.time(), w.links[1], "")
	} else {
		h.czmq.clients[w] = &cclient{}
	}
	if d.mesh != nil {
		d.mesh.Linked(d.time(), w.links[0])
	} else {
		d.czmq.plugged(w)
	}
}

func (l *lab) cut(w *wire) {
	if !w.up {
		return
	}
	w.up = false
	w.life++
	l.queue = slices.DeleteFunc(l.queue, func(p packet) bool {
		if p.w == w && p.to == 1 && w.ends[0].czmq != nil {
			w.ends[0].czmq.outbox[w] = append(w.ends[0].czmq.outbox[w], p.b)
		}
		return p.w == w
	})
	d, h := w.ends[0], w.ends[1]
	delete(d.ears, w.links[0])
	delete(h.ears, w.links[1])
	if d.mesh != nil {
		d.mesh.Lost(w.links[0])
	}
	if h.mesh != nil {
		h.mesh.Hangup(w.links[1])
	} else {
		delete(h.czmq.clients, w)
	}
}

// restart makes a node forget everything; its wires come back by themselves.
func (l *lab) restart(n *labNode) {
	for _, w := range l.wires {
		if w.ends[0] == n || w.ends[1] == n {
			l.cut(w)
		}
	}
	if n.czmq != nil {
		n.czmq = newCzmq(n)
		n.ears = map[Link]*wire{}
		for _, w := range l.wires {
			if w.ends[0] == n {
				n.czmq.connect(w)
			}
		}
		return
	}
	n.boot()
	for _, w := range l.wires {
		if w.ends[0] == n {
			n.mesh.Dial(w.links[0])
		}
	}
}

// pass lets time pass.
func (l *lab) pass(d time.Duration) {
	end := l.now.Add(d)
	for l.now.Before(end) {
		l.now = l.now.Add(time.Millisecond)
		for len(l.queue) > 0 && !l.queue[0].at.After(l.now) {
			p := l.queue[0]
			l.queue = l.queue[1:]
			l.arrive(p)
		}
		for _, n := range l.nodes {
			n.tick()
		}
		for _, w := range l.wires {
			if w.again {
				w.again = false
				l.plug(w)
			}
		}
	}
}

func (l *lab) arrive(p packet) {
	if p.life != p.w.life {
		return
	}
	n := p.w.ends[p.to]
	if n.mesh != nil {
		n.mesh.Receive(n.time(), p.w.links[p.to], [][]byte{p.b})
	} else {
		n.czmq.receive(p.w, p.to == 1, p.b)
	}
}

func (n *labNode) tick() {
	if n.czmq != nil {
		n.czmq.expire()
		return
	}
	if next := n.mesh.Next(); !next.IsZero() && !next.After(n.time()) {
		n.mesh.Tick(n.time())
	}
}

// plugAll repairs all wires.
func (l *lab) plugAll() {
	for _, w := range l.wires {
		l.plug(w)
	}
}

func (n *labNode) put(key, value string) {
	n.lab.t.Helper()
	if n.czmq != nil {
		n.czmq.accept(key, value)
		return
	}
	if err := n.mesh.Put(n.time(), key, value, 0); err != nil {
		n.lab.t.Fatal(err)
	}
}

// tuples is a node's table, as text.
func (n *labNode) tuples() string {
	all := map[string]string{}
	if n.czmq != nil {
		for k, v := range n.czmq.table {
			if v != "" { // a deletion
				all[k] = v
			}
		}
		return fmt.Sprint(all)
	}
	for _, k := range n.mesh.Keys() {
		t, _ := n.mesh.Get(k)
		all[k] = t.Value
	}
	return fmt.Sprint(all)
}

// agree lets time pass until all have the same, and then checks that it is quiet.
func (l *lab) agree(patience time.Duration) string {
	l.t.Helper()
	same := func() bool {
		return !slices.ContainsFunc(l.nodes, func(n *labNode) bool { return n.tuples() != l.nodes[0].tuples() })
	}
	for end := l.now.Add(patience); !same(); l.pass(50 * time.Millisecond) {
		if l.now.After(end) {
			for _, n := range l.nodes {
				l.t.Errorf("%s: %s", n.name, n.tuples())
			}
			l.t.Fatalf("no agreement within %v", patience)
		}
	}
	l.pass(time.Second)
	for _, n := range l.nodes {
		if n.mesh != nil {
			n.mesh.check(l.t)
		}
	}
	before := l.heard()
	l.pass(3 * time.Second)
	if after := l.heard(); after != before || !same() {
		l.t.Fatalf("it is not quiet: %d changes in 3 s", after-before)
	}
	return l.nodes[0].tuples()
}

func (l *lab) heard() (sum int) {
	for _, n := range l.nodes {
		sum += n.heard
	}
	return sum
}

// czmq is what czmq's zgossip does, as observed: with a hub's timeout of a second, no
// versions, and no PING.
type czmq struct {
	node    *labNode
	table   map[string]string
	keys    []string
	clients map[*wire]*cclient
	remotes []*wire
	outbox  map[*wire][][]byte // what waits for a connection
}

type cclient struct {
	known bool
	heard time.Time
}

func newCzmq(n *labNode) *czmq {
	return &czmq{node: n, table: map[string]string{}, clients: map[*wire]*cclient{}, outbox: map[*wire][][]byte{}}
}

func (l *lab) czmq(name string) *labNode {
	n := &labNode{lab: l, name: name, ears: map[Link]*wire{}}
	n.czmq = newCzmq(n)
	l.nodes = append(l.nodes, n)
	return n
}

func (c *czmq) send(w *wire, m frame.Message) {
	b, err := m.Append(nil)
	if err != nil {
		c.node.lab.t.Fatal(err)
	}
	switch {
	case w.up:
		c.node.lab.post(w, c.node, b)
	case w.ends[0] == c.node:
		c.outbox[w] = append(c.outbox[w], b)
	}
}

// plugged is the reconnecting of a socket, of which czmq 4.2 knows nothing.
func (c *czmq) plugged(w *wire) {
	for _, b := range c.outbox[w] {
		c.node.lab.post(w, c.node, b)
	}
	delete(c.outbox, w)
}

// connect is CONNECT.
func (c *czmq) connect(w *wire) {
	c.remotes = append(c.remotes, w)
	c.send(w, frame.Message{Kind: frame.Hello})
	for _, k := range c.keys {
		c.send(w, frame.Message{Kind: frame.Publish, Key: k, Value: c.table[k]})
	}
}

func (c *czmq) accept(key, value string) {
	old, any := c.table[key]
	if any && old == value {
		return
	}
	if !any {
		c.keys = append(c.keys, key)
	}
	c.table[key] = value
	c.node.heard++
	for _, w := range c.node.lab.wires {
		if cl := c.clients[w]; cl != nil && cl.known {
			c.send(w, frame.Message{Kind: frame.Publish, Key: key, Value: value})
		}
	}
	for _, w := range c.remotes {
		c.send(w, frame.Message{Kind: frame.Publish, Key: key, Value: value})
	}
}

func (c *czmq) receive(w *wire, hub bool, b []byte) {
	m, err := frame.Parse([][]byte{b})
	if err != nil || !c.node.lab.noisy && m.Kind == frame.Publish && (m.Value == "" || m.Ours || m.TTL != 0) {
		c.node.lab.t.Errorf("%s was sent %x, which czmq does not send", c.node.name, b)
	}
	if !hub {
		switch m.Kind {
		case frame.Publish:
			c.accept(m.Key, m.Value)
		case frame.Invalid:
			c.send(w, frame.Message{Kind: frame.Hello})
		}
		return
	}
	cl := c.clients[w]
	cl.heard = c.node.lab.now
	switch {
	case m.Kind == frame.Ping:
		c.send(w, frame.Message{Kind: frame.Pong})
	case m.Kind == frame.Hello && !cl.known:
		cl.known = true
		for _, k := range c.keys {
			c.send(w, frame.Message{Kind: frame.Publish, Key: k, Value: c.table[k]})
		}
	case m.Kind == frame.Publish && cl.known:
		c.accept(m.Key, m.Value)
	default:
		cl.known = false
		c.send(w, frame.Message{Kind: frame.Invalid})
	}
}

func (c *czmq) expire() {
	for _, cl := range c.clients {
		if c.node.lab.now.Sub(cl.heard) > time.Second {
			cl.known = false
		}
	}
}

// check compares what a mesh keeps count of with what is there.
func (m *Mesh) check(t testing.TB) {
	t.Helper()
	live, digest := 0, uint64(0)
	ending, used := 0, budget.Amount{}
	for key, e := range m.table {
		if !e.deleted {
			live++
			digest += e.digest(key)
		}
		if e.size != (budget.Amount{Places: 1, Bytes: len(key) + len(e.value)}) || e.key != key {
			t.Errorf("key %q counts as %+v, with a value of %d bytes", key, e.size, len(e.value))
		}
		used = used.Plus(e.size)
		if !e.until.IsZero() {
			ending++
		}
	}
	if live != m.live || digest != m.digest || len(m.table) > m.config.MaxKeys || used.Bytes > m.config.MaxBytes {
		t.Errorf("%d keys, %d live, %+v, digest %x; it says %d and %x", len(m.table), live, used, digest, m.live, m.digest)
	}
	if ending != len(m.ends) {
		t.Errorf("%d entries end, %d are in the heap", ending, len(m.ends))
	}
	m.checkShares(t, used)
	for id, l := range m.links {
		if len(l.known) > len(m.table) || len(l.base) > len(m.table) || len(l.waits) > len(m.table) || len(l.queue) != len(l.dirty) || len(l.queue) > 3*m.config.MaxKeys {
			t.Errorf("link %d holds more than the table has", id)
		}
		later := 0
		for _, w := range l.waits {
			if w.later != nil {
				later += len(*w.later)
			}
		}
		if later != l.later || later > laterMost {
			t.Errorf("link %d: %d bytes wait, it says %d", id, later, l.later)
		}
		if m.plains[id] == nil && len(l.known)+len(l.base)+len(l.waits) > 0 {
			t.Errorf("link %d is not among the plain ones", id)
		}
	}
}

// checkShares compares what shares say with what counts in them.
func (m *Mesh) checkShares(t testing.TB, used budget.Amount) {
	t.Helper()
	holders := map[*share]budget.Amount{}
	for _, e := range m.table {
		holders[e.holder] = holders[e.holder].Plus(e.size)
	}
	for s, sum := range holders {
		listed := budget.Amount{}
		for e := s.Owner; e != nil; e = e.older {
			listed = listed.Plus(e.size)
			if e.holder != s {
				t.Errorf("%q is in another share's list", e.key)
			}
		}
		if s.Used() != sum || listed != sum || s.Full(budget.Amount{}) != nil {
			t.Errorf("a share of %+v has %+v, lists %+v, and says %+v", s.Most(), sum, listed, s.Used())
		}
	}
	if own, others := m.shares.Own().Used(), m.shares.Figures().Held.Minus(m.shares.Own().Used()); own.Plus(others) != used {
		t.Errorf("own %+v, others %+v, in all %+v", own, others, used)
	}
}
