package node

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/budget"
	"github.com/go-zactor/zactor/internal/zre"
)

// Node is one node and what it knows of the others.
type Node struct {
	Config
	host  Host
	stats Counters

	groups map[string]struct{} // the own ones
	status byte                // counts their changes

	peers      map[ID]*peer
	seats      *seats
	links      map[Link]*peer
	candidates map[ID]*candidate
	known      map[ID]string // the keys of nodes that were peers once

	beaconDials dialBudget
	answerDials dialBudget
	lastLink    Link

	contests  map[string]struct{}
	elections map[string]*election
	leaders   map[string]ID

	next    time.Time // when Tick has something to do; zero: never
	trouble time.Time // until when peers may come back over new connections; zero: none may
}

// peer is a node that was dialled, or that has said HELLO.
type peer struct {
	id    ID
	seat  *budget.Share[[]*peer]
	since time.Time // when it became expected, or was greeted

	failures int            // of dials before this one
	link     Link           // 0 until it may be dialled
	at       netip.AddrPort // where the link leads
	fallback netip.AddrPort // where else it may be; invalid if nowhere
	key      string
	linked   bool
	sent     uint16 // the sequence number sent last
	backlog  []zre.Message

	greeted  bool
	conn     netip.AddrPort // its own connection to our inbox
	received uint16         // the sequence number received last
	status   byte
	name     string
	headers  map[string]string
	groups   map[string]struct{}
	votes    map[string]*vote // by group
	held     []zre.Message    // received before it was ready
	heldSize int

	heard   time.Time
	pinged  time.Time
	evasive bool
	doomed  time.Time // when it goes unless it answers; zero: it does not
	why     Reason    // it is doomed
}

func (p *peer) ready() bool { return p.greeted && p.linked }

// New makes a node. It says nothing before it hears something.
func New(c Config, h Host) *Node {
	c.Headers = maps.Clone(c.Headers)
	return &Node{
		Config: c, host: h,
		groups:      map[string]struct{}{},
		peers:       map[ID]*peer{},
		seats:       newSeats(c.MaxPeers),
		links:       map[Link]*peer{},
		candidates:  map[ID]*candidate{},
		known:       map[ID]string{},
		beaconDials: newBudget(c.Dials),
		answerDials: newBudget(c.Answers),
		contests:    map[string]struct{}{},
		elections:   map[string]*election{},
		leaders:     map[string]ID{},
	}
}

// Counters returns the counters as they stand.
func (n *Node) Counters() Counters { return n.stats }

// Next is when Tick is to be called; the zero time means that nothing is due. Any
// call of a method may make it sooner.
func (n *Node) Next() time.Time { return n.next }

func (n *Node) sooner(t time.Time) {
	if n.next.IsZero() || t.Before(n.next) {
		n.next = t
	}
}

// Tick does what is due.
func (n *Node) Tick(now time.Time) {
	n.next = time.Time{}
	for _, p := range n.sorted() {
		n.review(now, p)
	}
	n.reviewElections(now)
	n.advance(now)
}

// sorted are the peers in the order of their ids, so that what a node does depends
// on its input alone.
func (n *Node) sorted() []*peer {
	return slices.SortedFunc(maps.Values(n.peers), func(a, b *peer) int { return a.id.compare(b.id) })
}

// review does what a peer's silence asks for.
func (n *Node) review(now time.Time, p *peer) {
	quiet := now.Sub(p.heard)
	switch {
	case !p.ready():
		n.reviewUnready(now, p)
		return
	case !p.doomed.IsZero() && !now.Before(p.doomed):
		n.remove(now, p, p.why)
		return
	case quiet >= n.Expired:
		n.remove(now, p, Expired)
		return
	}
	if quiet >= n.pingAfter() {
		n.troubled(now)
	}
	if quiet >= n.Evasive && !p.evasive {
		p.evasive = true
		n.host.Event(Event{Kind: Evasive, Peer: p.id, Name: p.name})
	}
	if quiet >= n.pingAfter() && now.Sub(p.pinged) >= n.Reap {
		n.ping(now, p)
	}
	n.flush(p)
	n.schedule(now, p)
}

// schedule sees to it that the next thing that p's silence asks for is not missed.
func (n *Node) schedule(now time.Time, p *peer) {
	n.sooner(p.heard.Add(n.Expired))
	if !p.evasive {
		n.sooner(p.heard.Add(n.Evasive))
	}
	if !p.doomed.IsZero() {
		n.sooner(p.doomed)
	}
	if len(p.backlog) > 0 {
		n.sooner(now.Add(n.Reap / 10))
	}
	ping := p.heard.Add(n.pingAfter())
	if again := p.pinged.Add(n.Reap); again.After(ping) {
		ping = again
	}
	n.sooner(ping)
}

// reviewUnready gives up on who was dialled and has not said HELLO, or has and
// can't be reached.
func (n *Node) reviewUnready(now time.Time, p *peer) {
	limit := p.since.Add(n.Greet)
	if !now.Before(limit) {
		n.giveUp(now, p)
		return
	}
	n.sooner(limit)
	if p.link == 0 {
		n.answer(now, p)
	}
}

// Troubled reports whether some peer is silent, or was lost a while ago: it may come
// back over a new connection, while nobody has noticed that its old one is dead.
func (n *Node) Troubled(now time.Time) bool { return now.Before(n.trouble) }

func (n *Node) troubled(now time.Time) { n.trouble = now.Add(2 * n.Expired) }

func (n *Node) ping(now time.Time, p *peer) {
	p.pinged = now
	n.post(p, zre.Message{Kind: zre.Ping})
}

// doom is for news that a peer has left, from a sender that may be anyone: the
// peer is asked, and goes unless it answers.
func (n *Node) doom(now time.Time, p *peer, why Reason) {
	if !p.doomed.IsZero() || !p.ready() {
		return
	}
	p.doomed, p.why = now.Add(n.Evasive), why
	n.ping(now, p)
	n.sooner(p.doomed)
}

// remove ends a peer, and tells the application if that had heard of it.
func (n *Node) remove(now time.Time, p *peer, why Reason) {
	ready := p.ready()
	n.forget(p, false)
	n.sooner(now) // for who was heard behind it
	if !ready {
		return
	}
	if why != Goodbye && why != Crowded {
		n.troubled(now)
	}
	n.remember(p)
	n.host.Event(Event{Kind: Exit, Peer: p.id, Name: p.name, Reason: why})
	for _, group := range slices.Sorted(maps.Keys(p.groups)) {
		n.departed(now, p, group)
	}
}

// Revoke ends whoever has a key that is trusted no more.
func (n *Node) Revoke(now time.Time, key string) {
	for id, c := range n.candidates {
		if c.key == key {
			delete(n.candidates, id)
		}
	}
	for _, p := range n.sorted() {
		if p.key == key {
			n.remove(now, p, Revoked)
		}
	}
}

// forget removes a peer and its link.
func (n *Node) forget(p *peer, flush bool) {
	n.unseat(p)
	n.unlink(p, flush)
}

func (n *Node) unlink(p *peer, flush bool) {
	if p.link == 0 {
		return
	}
	delete(n.links, p.link)
	n.beaconDials.forfeit(p.link)
	n.answerDials.forfeit(p.link)
	n.host.Hangup(p.link, flush)
	p.link, p.linked, p.sent, p.backlog = 0, false, 0, nil
}

// remember keeps the key of a UUID, which no other may use from then on.
func (n *Node) remember(p *peer) {
	if _, ok := n.known[p.id]; !ok && len(n.known) >= maxKnown {
		for id := range n.known {
			if n.peers[id] == nil {
				delete(n.known, id)
				break
			}
		}
	}
	n.known[p.id] = p.key
}

// Stop says goodbye to all peers and ends them.
func (n *Node) Stop(now time.Time) {
	for _, p := range n.sorted() {
		if p.link != 0 {
			n.post(p, zre.Message{Kind: zre.Goodbye})
		}
		ready := p.ready()
		n.forget(p, true)
		if ready {
			n.host.Event(Event{Kind: Exit, Peer: p.id, Name: p.name, Reason: Stopped})
		}
	}
	clear(n.candidates)
	n.next = time.Time{}
}
