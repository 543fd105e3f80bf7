package node

import (
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// election is an election in one group, by echoes, as zyre 2.x holds it. Who
// contests sends ELECT with its id to all members; who gets a smaller id than it
// supports passes that on to all but the one it came from (its father), and when
// all have answered echoes it to the father. A contestant whose wave comes back
// from all has won, and sends LEADER, which everybody passes on once.
//
// zyre counts answers; here their senders are remembered, so that a wave that
// begins anew can be told from the old one.
type election struct {
	wave   ID // the smallest id heard of
	father ID // who brought it; the own id for the own wave
	echoed bool
	asked  map[ID]struct{} // whom we have sent ELECT with it
	seen   map[ID]struct{} // who has sent ELECT with it
	led    map[ID]struct{} // who has sent LEADER
	told   bool            // we have sent LEADER
	begun  time.Time
}

func newElection(now time.Time, wave, father ID) *election {
	return &election{
		wave: wave, father: father, begun: now,
		asked: map[ID]struct{}{}, seen: map[ID]struct{}{}, led: map[ID]struct{}{},
	}
}

// Contest makes the node a candidate for the leadership of a group, for when it is
// in it.
func (n *Node) Contest(now time.Time, group string) {
	n.contests[group] = struct{}{}
	n.contest(now, group)
}

// LeaderOf is the leader of a group that the node is in.
func (n *Node) LeaderOf(group string) (ID, bool) {
	id, ok := n.leaders[group]
	return id, ok
}

// members are the peers in a group, in the order of their ids.
func (n *Node) members(group string) (list []*peer) {
	for _, p := range n.sorted() {
		if _, in := p.groups[group]; in && p.ready() {
			list = append(list, p)
		}
	}
	return list
}

// ask sends ELECT to all members but the father, once.
func (n *Node) ask(group string, e *election) {
	for _, p := range n.members(group) {
		if _, asked := e.asked[p.id]; p.id != e.father && !asked {
			e.asked[p.id] = struct{}{}
			n.must(p, zre.Message{Kind: zre.Elect, Group: group, Node: e.wave.String()})
		}
	}
}

// contest begins an election, if the node is a candidate. What was under way is
// void, because the members have changed; only where the wave is a smaller one's
// that is there, its own new beginning is waited for.
func (n *Node) contest(now time.Time, group string) {
	_, contests := n.contests[group]
	if _, in := n.groups[group]; !in || !contests {
		return
	}
	if len(n.members(group)) == 0 {
		delete(n.elections, group)
		n.crown(group, n.ID)
		return
	}
	if e := n.elections[group]; e != nil && e.wave.compare(n.ID) < 0 && n.peers[e.wave] != nil {
		return
	}
	n.ask(group, n.begin(now, group, n.ID, n.ID))
}

func (n *Node) begin(now time.Time, group string, wave, father ID) *election {
	e := newElection(now, wave, father)
	n.elections[group] = e
	n.sooner(now.Add(reelect))
	return e
}

// joined is for a member more.
func (n *Node) joined(now time.Time, p *peer, group string) {
	n.host.Event(Event{Kind: Join, Peer: p.id, Name: p.name, Group: group})
	n.contest(now, group)
	if e := n.elections[group]; e != nil {
		n.ask(group, e) // the newcomer, if the election was not begun anew
		n.settle(group, e)
	}
}

// departed is for a member less. A wave that depends on it would never end.
func (n *Node) departed(now time.Time, group string, id ID) {
	led := n.leaders[group] == id
	if led {
		delete(n.leaders, group)
	}
	e := n.elections[group]
	switch {
	case e != nil && (e.wave == id || e.father == id):
		delete(n.elections, group)
		n.contest(now, group)
	case e != nil:
		n.settle(group, e)
	case led:
		n.contest(now, group)
	}
}

// elect takes an ELECT.
func (n *Node) elect(now time.Time, p *peer, m *zre.Message) {
	wave, ok := ParseID(m.Node)
	if !ok || !n.concerns(wave, m.Group) {
		n.stats.Malformed++
		return
	}
	e := n.elections[m.Group]
	if n.outranks(m.Group, wave) {
		if e == nil || n.ID.compare(e.wave) < 0 {
			n.contest(now, m.Group)
		}
		return
	}
	switch {
	case e == nil || wave.compare(e.wave) < 0:
		e = n.begin(now, m.Group, wave, p.id)
		n.ask(m.Group, e)
	case wave == e.wave && wave == p.id && e.has(p.id):
		e.father, e.echoed, e.told = p.id, false, false // its own node begins it anew
		n.ask(m.Group, e)
	}
	if wave == e.wave {
		e.seen[p.id] = struct{}{}
		n.settle(m.Group, e)
	}
}

// outranks reports whether the node contests in a group and has a smaller id than who
// wants to lead it. It answers with a wave of its own: to support the other one would
// make that the leader if this is the first that is heard of a vacancy.
func (n *Node) outranks(group string, id ID) bool {
	_, in := n.groups[group]
	_, contests := n.contests[group]
	return in && contests && n.ID.compare(id) < 0
}

func (e *election) has(id ID) bool {
	_, ok := e.seen[id]
	return ok
}

// concerns reports whether an election is about a node that is known, and in a
// group of which anybody is.
func (n *Node) concerns(id ID, group string) bool {
	_, in := n.groups[group]
	return (id == n.ID || n.peers[id] != nil) && (in || len(n.members(group)) > 0)
}

// lead takes a LEADER.
func (n *Node) lead(now time.Time, p *peer, m *zre.Message) {
	leader, ok := ParseID(m.Node)
	if !ok || !n.concerns(leader, m.Group) {
		n.stats.Malformed++
		return
	}
	e := n.elections[m.Group]
	if e == nil || e.wave != leader {
		e = n.begin(now, m.Group, leader, p.id)
	}
	e.led[p.id] = struct{}{}
	n.tell(m.Group, e)
	n.settle(m.Group, e)
}

// tell passes LEADER on, once, and only to those who know of the election: zyre 2.x
// aborts when it gets LEADER out of the blue.
func (n *Node) tell(group string, e *election) {
	if e.told {
		return
	}
	e.told = true
	for _, p := range n.members(group) {
		_, asked := e.asked[p.id]
		if asked || e.has(p.id) {
			n.must(p, zre.Message{Kind: zre.Leader, Group: group, Node: e.wave.String()})
		}
	}
}

// settle does what an election is ripe for.
func (n *Node) settle(group string, e *election) {
	all := n.members(group)
	if len(all) == 0 {
		if e.wave == n.ID {
			delete(n.elections, group)
			n.crown(group, n.ID)
		}
		return
	}
	if !e.told && within(all, e.seen) {
		n.ripen(group, e)
	}
	if e.told && within(all, e.led) {
		delete(n.elections, group)
		n.crown(group, e.wave)
	}
}

// ripen is for a wave that all members have answered.
func (n *Node) ripen(group string, e *election) {
	father := n.peers[e.father]
	switch {
	case e.wave == n.ID:
		n.tell(group, e)
	case father != nil && !e.echoed:
		e.echoed = true
		n.must(father, zre.Message{Kind: zre.Elect, Group: group, Node: e.wave.String()})
	}
}

func within(all []*peer, have map[ID]struct{}) bool {
	for _, p := range all {
		if _, ok := have[p.id]; !ok {
			return false
		}
	}
	return true
}

// crown tells the application of the leader of a group that it is in.
func (n *Node) crown(group string, id ID) {
	if _, in := n.groups[group]; !in {
		return
	}
	name := n.Name
	if p := n.peers[id]; p != nil {
		name = p.name
	}
	n.leaders[group] = id
	n.host.Event(Event{Kind: Leader, Peer: id, Name: name, Group: group})
}

// reviewElections begins elections anew that do not come to an end, as when members
// have not known each other yet.
func (n *Node) reviewElections(now time.Time) {
	for group, e := range n.elections {
		if due := e.begun.Add(reelect); due.After(now) {
			n.sooner(due)
			continue
		}
		delete(n.elections, group)
		n.contest(now, group)
	}
}
