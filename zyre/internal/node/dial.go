package node

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/internal/zre"
)

// dial makes a link to p and puts our HELLO on it.
func (n *Node) dial(now time.Time, p *peer, at netip.AddrPort, b *dialBudget) {
	n.lastLink++
	p.link, p.at, p.sent = n.lastLink, at, 0
	b.take(p.link)
	n.links[p.link] = p
	n.stats.Dials++
	n.host.Dial(p.link, Target{Peer: p.id, At: at, Key: p.key})
	n.introduce(p, n.hello(at.Addr()))
	n.sooner(p.since.Add(n.Greet))
}

// introduce says HELLO, and in JOINs which groups the node is in that had no room there:
// peers see a node that has joined them just after.
func (n *Node) introduce(p *peer, hello zre.Message) {
	groups := hello.Groups
	hello.Groups = groups[:hello.Fits()]
	rest := groups[len(hello.Groups):]
	hello.Status -= byte(len(rest))
	n.must(p, hello)
	for i, group := range rest {
		n.must(p, zre.Message{Kind: zre.Join, Group: group, Status: hello.Status + byte(i+1)})
	}
}

// hello is our HELLO for a host. It names the address at which that host can reach
// us: a node with several interfaces has as many.
func (n *Node) hello(to netip.Addr) zre.Message {
	headers := maps.Clone(n.Headers)
	if n.Key != "" {
		if headers == nil {
			headers = map[string]string{}
		}
		headers[keyHeader] = n.Key
	}
	return zre.Message{
		Kind:     zre.Hello,
		Endpoint: endpointText(n.host.Local(to), n.Port),
		Groups:   slices.Sorted(maps.Keys(n.groups)),
		Status:   n.status,
		Name:     n.Name,
		Headers:  headers,
	}
}

// endpointText is an endpoint as zyre 2.x writes it, and reads it: an IPv6 address
// has no brackets, behind which zyre could not put the zone that a link-local address
// needs, and no zone, which is the receiver's to know.
func endpointText(at netip.Addr, port uint16) string {
	return "tcp://" + at.WithZone("").String() + ":" + strconv.Itoa(int(port))
}

// keyHeader is where zyre expects a node's key; it ignores a HELLO without one.
const keyHeader = "X-PUBLICKEY"

// answer dials back who has said HELLO, if that is within the budget.
func (n *Node) answer(now time.Time, p *peer) {
	if free := n.answerDials.free(now); free.After(now) {
		n.sooner(free)
		return
	}
	n.dial(now, p, p.at, &n.answerDials)
}

// Linked says that a link stands.
func (n *Node) Linked(now time.Time, l Link) {
	p := n.links[l]
	if p == nil || p.linked {
		return
	}
	p.linked = true
	n.confirm(now, p)
}

// confirm is for a peer that has come one step nearer: a HELLO, or a link.
func (n *Node) confirm(now time.Time, p *peer) {
	if p.greeted {
		n.beaconDials.refund(p.link)
	}
	if !p.ready() {
		n.advance(now)
		return
	}
	n.answerDials.refund(p.link)
	n.host.Trust(p.link)
	n.enter(now, p)
	n.advance(now)
}

// DialFailed says that a link did not come about, or broke before its peer had said
// HELLO. It is over.
func (n *Node) DialFailed(now time.Time, l Link) {
	p := n.links[l]
	if p == nil || p.ready() {
		return
	}
	n.stats.DialsFailed++
	if !p.greeted || !p.fallback.IsValid() {
		n.giveUp(now, p)
		return
	}
	n.unlink(p, false)
	p.at, p.fallback = p.fallback, netip.AddrPort{}
	n.answer(now, p)
}

// giveUp ends an attempt; the peer is a candidate again, to be dialled when its
// beacon is heard and some time has passed.
func (n *Node) giveUp(now time.Time, p *peer) {
	n.forget(p, false)
	if p.greeted {
		return
	}
	n.sooner(now) // there is room for another one
	c := &candidate{id: p.id, at: p.at, key: p.key, heard: p.since, failures: p.failures + 1}
	c.retry = now.Add(min(firstRetry<<min(c.failures-1, 5), lastRetry))
	n.consider(c)
}

// LinkLost says that a link that stood is gone and could not be made anew. When
// refused, nobody listens there: with a second sign of it the peer is gone.
func (n *Node) LinkLost(now time.Time, l Link, refused bool) {
	p := n.links[l]
	switch {
	case p == nil || !p.ready() || !refused:
	case p.doomed.IsZero():
		n.doom(now, p, Unreachable)
	default:
		n.remove(now, p, p.why)
	}
}
