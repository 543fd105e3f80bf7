package node

import (
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// An election decides which contestant of a group leads it: the one with the smallest
// id. On the wire it is the echo algorithm of zyre 2.x. A contestant's wave is an ELECT
// with its id, which it sends to all members. Who gets a wave with a smaller id than
// the one it supports passes it on to all members but the one it came from, its father,
// and echoes it to the father when all others have sent it. A contestant whose wave
// has come back from all has won: it sends LEADER, which all pass on once.
//
// zyre counts answers. Here the last word of each member is kept (vote), also when
// nothing follows from it yet: a wave of a node that is not known yet, or one that is
// greater than the own. What a node supports is worked out anew from all votes whenever
// one changes, or a member comes or goes (reconsider). So an answer is never lost
// because it came too early. No timer decides anything, but one: the owner of a wave that
// does not come back asks again, and when that does not help leads without those that
// do not answer. They may be of a kind that holds no elections.
//
// zyre begins anew, and forgets all, when members come. So each member is answered as
// often as it asks, and one that no longer supports a wave is asked again. It aborts
// when it gets LEADER and holds no election. It holds one from when it sends ELECT
// until it has LEADER from all: so a second LEADER goes only to who has sent ELECT
// again since the first.
type election struct {
	wave   ID // the smallest id of a contestant that is known
	father ID // who brought it; the own id for the own wave, zero if that one has gone
	with   map[ID]*exchange

	repeat time.Time     // own wave: when to ask again who has not answered
	pause  time.Duration // and what to add then
	asks   int           // how often that was
}

// exchange is what has gone to and come from one member about a wave.
type exchange struct {
	sent, got int  // ELECTs
	owed      bool // a LEADER, for an ELECT
}

func (e *election) exchange(id ID) *exchange {
	x := e.with[id]
	if x == nil {
		x = &exchange{}
		e.with[id] = x
	}
	return x
}

// vote is what a member has said last in a group. Zero is nothing.
type vote struct {
	elect, leader ID
}

func (p *peer) vote(group string) *vote {
	v := p.votes[group]
	if v == nil {
		if p.votes == nil {
			p.votes = map[string]*vote{}
		}
		v = &vote{}
		p.votes[group] = v
	}
	return v
}

// said is what a member has said last.
func (p *peer) said(group string) vote {
	if v := p.votes[group]; v != nil {
		return *v
	}
	return vote{}
}

// Contest makes the node a candidate for the leadership of a group, for when it is
// in it.
func (n *Node) Contest(now time.Time, group string) {
	n.contests[group] = struct{}{}
	n.reconsider(now, group)
}

// LeaderOf is the leader of a group that the node is in.
func (n *Node) LeaderOf(group string) (ID, bool) {
	id, ok := n.leaders[group]
	return id, ok
}

// members are the peers in a group, in the order of their ids.
func (n *Node) members(group string) (list []*peer) {
	for _, p := range n.sorted() {
		if p.isIn(group) {
			list = append(list, p)
		}
	}
	return list
}

// isIn reports whether p is a member of a group, as far as the application knows.
func (p *peer) isIn(group string) bool {
	_, in := p.groups[group]
	return in && p.ready()
}

func (n *Node) isIn(group string) bool {
	_, in := n.groups[group]
	return in
}

// candidate is the wave that the node has to support: the smallest of its own, if it
// contests, and those that members support and whose owners are members, too.
func (n *Node) candidate(group string, members []*peer) (wave ID, any bool) {
	if _, contests := n.contests[group]; contests {
		wave, any = n.ID, true
	}
	for _, p := range members {
		id := p.said(group).elect
		if id == (ID{}) || any && id.compare(wave) >= 0 {
			continue
		}
		if owner := n.peers[id]; owner != nil && owner.isIn(group) {
			wave, any = id, true
		}
	}
	return wave, any
}

// reconsider does what follows from the votes and the members as they are.
func (n *Node) reconsider(now time.Time, group string) {
	if !n.isIn(group) {
		return
	}
	members := n.members(group)
	wave, any := n.candidate(group, members)
	if !any {
		delete(n.elections, group)
		return
	}
	e := n.elections[group]
	if e == nil || e.wave != wave {
		e = n.begin(now, group, wave, members)
	}
	n.ask(group, e, members)
	n.settle(group, e, members)
}

// begin is for a wave that the node has not supported so far.
func (n *Node) begin(now time.Time, group string, wave ID, members []*peer) *election {
	e := &election{wave: wave, with: map[ID]*exchange{}, pause: reelect}
	n.elections[group] = e
	if wave == n.ID {
		e.father = n.ID
		n.repeatLater(now, e)
	}
	for _, p := range members {
		if p.said(group).elect != wave {
			continue
		}
		x := e.exchange(p.id)
		x.got, x.owed = x.got+1, true
		if e.father == (ID{}) || p.id == wave {
			e.father = p.id
		}
	}
	return e
}

func (n *Node) repeatLater(now time.Time, e *election) {
	e.repeat = now.Add(e.pause)
	e.pause = min(2*e.pause, lastReelect)
	n.sooner(e.repeat)
}

// ask sends ELECT to all members but the father: once, and whenever they ask again.
func (n *Node) ask(group string, e *election, members []*peer) {
	for _, p := range members {
		if x := e.exchange(p.id); p.id != e.father && (x.sent == 0 || x.sent < x.got) {
			n.sendElect(group, e, p)
		}
	}
}

func (n *Node) sendElect(group string, e *election, p *peer) {
	x := e.exchange(p.id)
	x.sent = max(x.sent+1, x.got)
	n.must(p, zre.Message{Kind: zre.Elect, Group: group, Node: e.wave.String()})
}

// settle does what an election is ripe for.
func (n *Node) settle(group string, e *election, members []*peer) {
	all, led := true, len(members) == 0
	for _, p := range members {
		v := p.said(group)
		all = all && v.elect == e.wave
		led = led || v.leader == e.wave
	}
	own := e.wave == n.ID
	if !own && (all || led) {
		n.echo(group, e)
	}
	if own && (all || e.asks >= mostAsks) || !own && led {
		n.crown(group, e, members)
	}
}

// echo sends the wave back to the father, as often as that has sent it.
func (n *Node) echo(group string, e *election) {
	father := n.peers[e.father]
	if father == nil || !father.isIn(group) {
		return
	}
	if x := e.exchange(father.id); x.sent < x.got {
		n.sendElect(group, e, father)
	}
}

// crown tells the application of the leader, if it is another one, and the members.
func (n *Node) crown(group string, e *election, members []*peer) {
	for _, p := range members {
		if x := e.exchange(p.id); x.owed && x.sent > 0 {
			x.owed = false
			n.must(p, zre.Message{Kind: zre.Leader, Group: group, Node: e.wave.String()})
		}
	}
	if n.leaders[group] == e.wave {
		return
	}
	name := n.Name
	if p := n.peers[e.wave]; p != nil {
		name = p.name
	}
	n.leaders[group] = e.wave
	n.host.Event(Event{Kind: Leader, Peer: e.wave, Name: name, Group: group})
}

// joined is for a member more.
func (n *Node) joined(now time.Time, p *peer, group string) {
	n.host.Event(Event{Kind: Join, Peer: p.id, Name: p.name, Group: group})
	n.reconsider(now, group)
}

// departed is for a member less.
func (n *Node) departed(now time.Time, p *peer, group string) {
	delete(p.votes, group)
	if n.leaders[group] == p.id {
		delete(n.leaders, group)
	}
	if e := n.elections[group]; e != nil {
		delete(e.with, p.id)
		if e.father == p.id {
			e.father = ID{}
		}
	}
	n.reconsider(now, group)
}

// retire is for the node's own going.
func (n *Node) retire(group string) {
	delete(n.elections, group)
	delete(n.leaders, group)
	for _, p := range n.peers {
		delete(p.votes, group)
	}
}

// voter reports whether a message of an election counts: it names a node, and is of a
// member of a group that the node is in.
func (n *Node) voter(p *peer, m *zre.Message) (id ID, ok bool) {
	id, ok = ParseID(m.Node)
	if !ok || id == (ID{}) || !p.isIn(m.Group) {
		n.stats.Malformed++
		return id, false
	}
	return id, n.isIn(m.Group)
}

// elect takes an ELECT.
func (n *Node) elect(now time.Time, p *peer, m *zre.Message) {
	wave, ok := n.voter(p, m)
	if !ok {
		return
	}
	v := p.vote(m.Group)
	before := v.elect
	v.elect = wave
	if e := n.elections[m.Group]; e != nil {
		x := e.exchange(p.id)
		switch {
		case wave == e.wave:
			x.got, x.owed = x.got+1, true
			if wave == p.id && before == wave {
				n.press(m.Group, e)
				e.father = p.id
			}
		case before == e.wave: // it has forgotten the wave
			*x = exchange{}
		}
	}
	n.reconsider(now, m.Group)
}

// press has those asked again that have not answered.
func (n *Node) press(group string, e *election) {
	for _, p := range n.members(group) {
		if p.said(group).elect != e.wave {
			e.exchange(p.id).sent = 0
		}
	}
}

// lead takes a LEADER.
func (n *Node) lead(now time.Time, p *peer, m *zre.Message) {
	if leader, ok := n.voter(p, m); ok {
		v := p.vote(m.Group)
		v.leader = leader
		if v.elect == (ID{}) {
			v.elect = leader
		}
		n.reconsider(now, m.Group)
	}
}

// reviewElections asks again for own waves that do not come back.
func (n *Node) reviewElections(now time.Time) {
	for _, group := range sortedKeys(n.groups) {
		e := n.elections[group]
		switch {
		case e == nil || e.wave != n.ID || n.leaders[group] == n.ID && n.unanimous(group, e):
		case e.repeat.After(now):
			n.sooner(e.repeat)
		default:
			e.asks++
			n.press(group, e)
			n.repeatLater(now, e)
			n.reconsider(now, group)
		}
	}
}

// unanimous reports whether all members support a wave.
func (n *Node) unanimous(group string, e *election) bool {
	for _, p := range n.members(group) {
		if p.said(group).elect != e.wave {
			return false
		}
	}
	return true
}
