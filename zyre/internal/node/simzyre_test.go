package node

import (
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// zyreElection is how zyre 2.x in C holds an election in G, as its behaviour was seen
// to be: it counts answers, begins anew when members come and when the leader leaves,
// has no timer, and aborts when LEADER comes while it knows of no wave, or names a peer
// that it does not know.
type zyreElection struct {
	n        *simNode
	contests bool
	caw      ID
	father   ID
	erec     int
	lrec     int
	leader   ID
	aborted  string
}

// startZyre adds a node of this kind.
func (s *sim) startZyre(in time.Duration, contests bool) *simNode {
	n := s.start(in, false)
	n.zyre = &zyreElection{n: n, contests: contests}
	return n
}

// intercept takes ELECT and LEADER away from the Node, for which they become PING-OK.
func (z *zyreElection) intercept(p *peer, frames [][]byte) [][]byte {
	m, err := zre.Parse(frames)
	if err == nil && m.Kind == zre.Join && p != nil && m.Group == "G" {
		z.n.sim.after(0, z.n.alive(z.changed))
	}
	if err != nil || p == nil || m.Kind != zre.Elect && m.Kind != zre.Leader {
		return frames
	}
	id, _ := ParseID(m.Node)
	z.n.sim.after(0, z.n.alive(func() { // behind the Node, which may have held it
		if m.Kind == zre.Elect {
			z.elect(p, id)
		} else {
			z.lead(p, id)
		}
	}))
	out, _ := (&zre.Message{Kind: zre.PingOK, Seq: m.Seq}).Frames()
	return out
}

func (z *zyreElection) send(kind zre.Kind, but ID) {
	for _, p := range z.n.members("G") {
		if p.id != but {
			z.n.must(p, zre.Message{Kind: kind, Group: "G", Node: z.caw.String()})
		}
	}
}

func (z *zyreElection) begin(caw, father ID) {
	z.caw, z.father, z.erec, z.lrec = caw, father, 0, 0
}

// changed is for a member more, or the leader less.
func (z *zyreElection) changed() {
	if z.contests {
		z.begin(z.n.ID, ID{})
		z.send(zre.Elect, ID{})
	}
}

func (z *zyreElection) elect(p *peer, r ID) {
	if z.caw == (ID{}) || r.compare(z.caw) < 0 {
		z.begin(r, p.id)
		z.send(zre.Elect, p.id)
	}
	if r != z.caw {
		return
	}
	if z.erec++; z.erec != len(z.n.members("G")) {
		return
	}
	if z.caw == z.n.ID {
		z.send(zre.Leader, ID{})
	} else if father := z.n.Node.peers[z.father]; father != nil {
		z.n.must(father, zre.Message{Kind: zre.Elect, Group: "G", Node: z.caw.String()})
	}
}

func (z *zyreElection) lead(p *peer, r ID) {
	if r != z.n.ID && z.lrec == 0 {
		if z.caw == (ID{}) {
			z.abort(p, "LEADER without a wave")
			return
		}
		z.send(zre.Leader, ID{})
	}
	z.lrec++
	if z.lrec != len(z.n.members("G")) {
		return
	}
	if r != z.n.ID && z.n.Node.peers[r] == nil {
		z.abort(p, "a leader that it does not know")
		return
	}
	z.leader = r
	z.n.leaders["G"] = r
	z.begin(ID{}, ID{})
}

func (z *zyreElection) abort(p *peer, why string) {
	by := "a zactor"
	for _, o := range z.n.sim.nodes {
		if o.ID == p.id && o.zyre != nil {
			by = "a zyre"
		}
	}
	z.aborted = why + " of " + by
	z.n.dead = true
}

// Among zyres in C, zactors agree with each other, and make hardly any of them abort:
// a zyre that another one makes end its election too soon can't be told from one that
// holds it still.
func TestElectionWithZyre(t *testing.T) {
	many := trials(60)
	aborts, split := 0, 0
	for seed := range many {
		s := newSim(t, uint64(seed))
		s.joinLater = time.Duration(seed%2) * time.Second
		for i := range 6 {
			in := time.Duration(i)*[]time.Duration{50 * time.Millisecond, 400 * time.Millisecond, 3 * time.Second}[seed%3] + s.delay()
			contests := seed%2 == 0 || s.rand.IntN(2) == 0
			if i%2 == seed%4/2 {
				s.start(in, contests)
			} else {
				s.startZyre(in, contests)
			}
		}
		s.run(60 * time.Second)
		leaders := map[ID]bool{}
		for _, n := range s.nodes {
			if n.zyre != nil && strings.HasSuffix(n.zyre.aborted, "of a zactor") {
				aborts++
			}
			if id, ok := n.LeaderOf("G"); ok && n.zyre == nil {
				leaders[id] = true
			}
		}
		if len(leaders) > 1 {
			split++
		}
	}
	t.Logf("of %d zyres in %d trials zactors made %d abort; in %d trials zactors did not agree", 3*many, many, aborts, split)
	if aborts*15 > 3*many || split*100 > many {
		t.Errorf("of %d zyres in %d trials zactors made %d abort; in %d trials zactors did not agree", 3*many, many, aborts, split)
	}
}
