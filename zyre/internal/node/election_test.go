package node

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// contestants makes n nodes that all contest in G, and are in it.
func contestants(t *testing.T, n int) *lab {
	l := newLab(t)
	for i := range n {
		h := l.add(byte(1 + i))
		h.Contest(l.now, "G")
		h.Join(l.now, "G")
	}
	l.pass(2*time.Second, true)
	return l
}

func (l *lab) expectLeader(want *host) {
	l.t.Helper()
	for _, h := range l.hosts {
		if h.dead {
			continue
		}
		if id, ok := h.LeaderOf("G"); !ok || id != want.ID {
			l.t.Errorf("%s: leader %.2s, %v; want %.2s", h.Name, id, ok, want.ID)
		}
	}
}

func TestSmallestIsElected(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7} {
		l := contestants(t, n)
		l.pass(5*time.Second, true)
		l.expectLeader(l.hosts[0])
	}
}

// A smaller one that comes later wins; the next one follows when it leaves, dies, or
// stops.
func TestReelection(t *testing.T) {
	l := contestants(t, 5)
	l.hosts[0].Leave("G")
	l.settle()
	first := l.hosts[0]
	l.hosts = l.hosts[1:]
	l.expectLeader(l.hosts[0])
	first.Join(l.now, "G")
	l.hosts = append([]*host{first}, l.hosts...)
	l.pass(5*time.Second, true)
	l.expectLeader(first)
	first.Stop(l.now)
	first.dead = true
	l.settle()
	l.expectLeader(l.hosts[1])
	l.hosts[1].dead = true
	l.pass(40*time.Second, true)
	l.expectLeader(l.hosts[2])
}

// The father of a wave that dies in the middle of it does not stop the others.
func TestFatherDies(t *testing.T) {
	l := newLab(t)
	for i := range 4 {
		h := l.add(byte(1 + i))
		h.Join(l.now, "G")
	}
	l.pass(2*time.Second, true)
	for _, h := range l.hosts[1:] {
		h.Contest(l.now, "G")
	}
	l.settle()
	l.hosts[0].Contest(l.now, "G")
	for range 3 {
		l.wire[0]()
		l.wire = l.wire[1:]
	}
	l.hosts[0].dead = true
	l.wire = nil
	for _, h := range l.hosts[1:] {
		h.remove(l.now, h.peers[l.hosts[0].ID], Expired)
	}
	l.settle()
	l.pass(5*time.Second, true)
	l.expectLeader(l.hosts[1])
}

// The leader goes, and one of the others notices before the rest do: who comes first
// does not matter.
func TestVacancyIsNoticedOneByOne(t *testing.T) {
	for _, order := range [][]int{{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {3, 1, 2}} {
		l := contestants(t, 4)
		gone := l.hosts[0]
		gone.dead = true
		for _, i := range order {
			h := l.hosts[i]
			h.remove(l.now, h.peers[gone.ID], Expired)
			l.settle()
		}
		l.pass(5*time.Second, true)
		l.expectLeader(l.hosts[1])
	}
}

// Those who do not contest take part and hear who leads.
func TestOnlyContestantsLead(t *testing.T) {
	l := newLab(t)
	for i := range 4 {
		h := l.add(byte(1 + i))
		h.Join(l.now, "G")
	}
	l.hosts[2].Contest(l.now, "G")
	l.pass(5*time.Second, true)
	l.expectLeader(l.hosts[2])
}

// Elections about nobody, or in a group of nobody, leave nothing behind.
func TestElectionJunk(t *testing.T) {
	l, a, b := pairUp(t)
	a.Join(l.now, "G")
	b.Join(l.now, "G")
	l.settle()
	a.log(b.ID)
	conn := a.peers[b.ID].conn
	for i, m := range []zre.Message{
		{Kind: zre.Elect, Group: "G", Node: "x"},
		{Kind: zre.Elect, Group: "G", Node: ID{77}.String()},
		{Kind: zre.Elect, Group: "nobody's", Node: b.ID.String()},
		{Kind: zre.Leader, Group: "G", Node: ID{77}.String()},
		{Kind: zre.Leader, Group: "G", Node: ""},
	} {
		m.Seq = uint16(3 + i)
		frames, _ := m.Frames()
		a.Receive(l.now, Source{RoutingID: []byte(b.ID.RoutingID()), Conn: conn}, frames)
	}
	if len(a.elections) != 0 || len(a.leaders) != 0 || a.Counters().Malformed != 3 {
		t.Errorf("%d elections, %d malformed", len(a.elections), a.Counters().Malformed)
	}
	a.expect(b.ID)
}
