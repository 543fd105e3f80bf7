package node

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

// sim is a network in which everything takes time, by chance: nodes start one after
// another and beacon each second, connections and messages are under way for a while.
// What goes over one link stays in order. The clock moves from event to event.
type sim struct {
	t     testing.TB
	rand  *rand.Rand
	now   time.Time
	queue simQueue
	count uint64
	nodes []*simNode
	last  time.Time // of the last ENTER or EXIT

	joinLater time.Duration // from a node's start to its JOIN
}

type simEvent struct {
	at  time.Time
	seq uint64
	do  func()
}

type simQueue []simEvent

func (q simQueue) Len() int { return len(q) }
func (q simQueue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].seq < q[j].seq
}
func (q simQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *simQueue) Push(x any)   { *q = append(*q, x.(simEvent)) }
func (q *simQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	*q = (*q)[:last]
	return e
}

// simNode is a node, and its Host.
type simNode struct {
	*Node
	sim     *sim
	addr    netip.Addr
	links   map[Link]*simLink
	ports   uint16
	armed   time.Time
	crowned []ID          // the leaders that its application has heard of
	peers   int           // that have entered and not exited
	zyre    *zyreElection // it holds its elections as zyre in C does
	begun   bool
	dead    bool // or not begun
}

type simLink struct {
	to   *simNode
	conn netip.AddrPort
	free time.Time // when the next message may arrive
}

func newSim(t testing.TB, seed uint64) *sim {
	return &sim{t: t, rand: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (s *sim) after(d time.Duration, do func()) {
	s.count++
	heap.Push(&s.queue, simEvent{s.now.Add(d), s.count, do})
}

// delay is how long a packet takes: mostly little, now and then much.
func (s *sim) delay() time.Duration {
	d := time.Duration(s.rand.IntN(3000)) * time.Microsecond
	if s.rand.IntN(10) == 0 {
		d += time.Duration(s.rand.IntN(60)) * time.Millisecond
	}
	return d
}

// start adds a node after a while, which is in G and may contest there.
func (s *sim) start(in time.Duration, contests bool) *simNode {
	n := &simNode{sim: s, addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(len(s.nodes) + 1)}), links: map[Link]*simLink{}}
	c := config(0)
	for i := range c.ID {
		c.ID[i] = byte(s.rand.Uint32())
	}
	c.Name = fmt.Sprintf("n%d-%.4s", len(s.nodes)+1, c.ID)
	n.Node = New(c, n)
	if contests {
		n.Contest(s.now, "G")
	}
	n.dead = true
	s.nodes = append(s.nodes, n)
	s.after(in, func() {
		n.begun, n.dead = true, false
		if s.joinLater == 0 {
			n.Join(s.now, "G")
		} else {
			s.after(s.joinLater, n.alive(func() { n.Join(s.now, "G") }))
		}
		n.beacon()
	})
	return n
}

// beacon is heard by all that are there.
func (n *simNode) beacon() {
	if n.dead {
		return
	}
	for _, o := range n.sim.nodes {
		if o != n {
			n.sim.after(n.sim.delay(), o.alive(func() {
				o.Hear(n.sim.now, n.addr, beacon.ZRE{Version: beacon.ZRE1, UUID: n.ID, Port: n.Port})
			}))
		}
	}
	n.sim.after(time.Second, n.beacon)
}

// alive is f for a node that is there, after which it is ticked as it asks.
func (n *simNode) alive(f func()) func() {
	return func() {
		if n.dead {
			return
		}
		f()
		n.arm()
	}
}

func (n *simNode) arm() {
	next := n.Next()
	if next.IsZero() || !n.armed.IsZero() && !next.Before(n.armed) {
		return
	}
	n.armed = next
	n.sim.after(max(0, next.Sub(n.sim.now)), n.alive(func() {
		n.armed = time.Time{}
		if due := n.Next(); !due.IsZero() && !due.After(n.sim.now) {
			n.Tick(n.sim.now)
		}
	}))
}

// run lets time pass.
func (s *sim) run(d time.Duration) {
	end := s.now.Add(d)
	for len(s.queue) > 0 && !s.queue[0].at.After(end) {
		e := heap.Pop(&s.queue).(simEvent)
		s.now = e.at
		e.do()
	}
	s.now = end
}

func (n *simNode) Dial(k Link, to Target) {
	n.ports++
	l := &simLink{conn: netip.AddrPortFrom(n.addr, 40000+n.ports)}
	for _, o := range n.sim.nodes {
		if o.addr == to.At.Addr() && !o.dead {
			l.to = o
		}
	}
	n.links[k] = l
	took := n.sim.delay() + n.sim.delay()
	l.free = n.sim.now.Add(took)
	n.sim.after(took, n.alive(func() {
		switch {
		case n.links[k] == nil:
		case l.to == nil:
			n.DialFailed(n.sim.now, k)
		default:
			n.Linked(n.sim.now, k)
		}
	}))
}

func (n *simNode) Send(k Link, frames [][]byte) bool {
	l, s := n.links[k], n.sim
	at := s.now.Add(s.delay())
	if at.Before(l.free) {
		at = l.free
	}
	l.free = at
	if l.to != nil {
		s.after(at.Sub(s.now), l.to.alive(func() {
			if z := l.to.zyre; z != nil {
				frames = z.intercept(l.to.Node.peers[n.ID], frames)
			}
			l.to.Receive(s.now, Source{RoutingID: []byte(n.ID.RoutingID()), Conn: l.conn}, frames)
		}))
	}
	return true
}

func (n *simNode) Trust(Link)                  {}
func (n *simNode) Refused(Refused)             {}
func (n *simNode) Hangup(k Link, _ bool)       { delete(n.links, k) }
func (n *simNode) Local(netip.Addr) netip.Addr { return n.addr }
func (n *simNode) Event(e Event) {
	switch e.Kind {
	case Enter:
		n.peers++
		n.sim.last = n.sim.now
	case Exit:
		n.peers--
		n.sim.last = n.sim.now
	case Leader:
		n.crowned = append(n.crowned, e.Peer)
	}
}

// there are the nodes that are.
func (s *sim) there() (list []*simNode) {
	for _, n := range s.nodes {
		if !n.dead {
			list = append(list, n)
		}
	}
	return list
}

// meet lets time pass until all that are there know each other.
func (s *sim) meet() {
	s.t.Helper()
	for range 60_000 {
		s.run(time.Millisecond)
		all := s.there()
		met := len(all) > 0
		for _, n := range s.nodes {
			met = met && n.dead || met && n.peers == len(all)-1
		}
		for _, n := range s.nodes {
			met = met && n.begun
		}
		if met {
			return
		}
	}
	s.t.Fatal("they do not all meet in a minute")
}

// agreed checks that a second after the last ENTER or EXIT all have the leader that
// they should have.
func (s *sim) agreed(want ID) error {
	s.run(s.last.Add(time.Second).Sub(s.now))
	for _, n := range s.there() {
		if id, ok := n.LeaderOf("G"); !ok || id != want {
			return fmt.Errorf("%s has leader %.4s (%v), want %.4s", n.Name, id, ok, want)
		}
		if len(n.crowned) == 0 || n.crowned[len(n.crowned)-1] != want {
			return fmt.Errorf("the application of %s heard of %.4s, want %.4s", n.Name, n.crowned, want)
		}
	}
	return nil
}

// smallest is the contestant that has to lead.
func smallest(nodes []*simNode) (id ID) {
	for _, n := range nodes {
		if _, contests := n.contests["G"]; contests && (id == ID{} || n.ID.compare(id) < 0) {
			id = n.ID
		}
	}
	return id
}

// trials is how many seeds a test has.
func trials(few int) int {
	if os.Getenv("ZACTOR_FULL") != "" {
		return 1000
	}
	return few
}

// Nodes that start one after another and all contest have one leader, the same one
// everywhere, within a second of the last ENTER; so they do when only some contest, and
// when the leader leaves, or dies, and another node comes.
func TestElectionTrials(t *testing.T) {
	for _, size := range []int{3, 4, 8} {
		t.Run(fmt.Sprint(size, " nodes"), func(t *testing.T) {
			t.Parallel()
			late := 0
			for seed := range trials(60) {
				if err := trial(t, uint64(seed), size); err != nil {
					if late++; late <= 3 {
						t.Errorf("seed %d: %v", seed, err)
					}
				}
			}
			if late > 0 {
				t.Errorf("%d of %d trials failed", late, trials(60))
			}
		})
	}
}

func trial(t *testing.T, seed uint64, size int) error {
	s := newSim(t, seed)
	gap := []time.Duration{0, 5 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond}[seed%4]
	for i := range size {
		s.start(time.Duration(i)*gap+s.delay(), i == 0 || seed%3 != 0 || s.rand.IntN(2) == 0)
	}
	s.meet()
	leader := smallest(s.nodes)
	if err := s.agreed(leader); err != nil {
		return fmt.Errorf("together: %w", err)
	}
	if seed%5 == 0 {
		return s.vacancy(leader)
	}
	return nil
}

// vacancy has the leader go, with a goodbye or without, and a contestant come.
func (s *sim) vacancy(leader ID) error {
	for _, n := range s.nodes {
		if n.ID == leader {
			if s.rand.IntN(2) == 0 {
				n.Stop(s.now)
			}
			n.dead = true
		}
	}
	newcomer := s.start(time.Duration(s.rand.IntN(40))*time.Second, true)
	s.run(45 * time.Second)
	if newcomer.dead {
		s.t.Fatal("the newcomer is not there")
	}
	if err := s.agreed(smallest(s.there())); err != nil {
		return fmt.Errorf("after the leader: %w", err)
	}
	return nil
}
