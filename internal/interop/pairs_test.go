//go:build interop

package interop

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// pairing is one legal pair of socket types and the conversation that shows
// that the pair works: every message of traffic, each way that there is one.
type pairing struct {
	left, right string
	play        func(t *testing.T, left, right end)
}

// pairings are all legal pairs of the eleven classic types that exchange ZMTP.
var pairings = []pairing{
	{"PAIR", "PAIR", bothWays},
	{"PUB", "SUB", publish},
	{"PUB", "XSUB", publish},
	{"XPUB", "SUB", publishToSubscriber},
	{"XPUB", "XSUB", publishAndAnswer},
	{"REQ", "REP", requestReply},
	{"REQ", "ROUTER", requestRouter},
	{"DEALER", "REP", dealerReply},
	{"DEALER", "ROUTER", dealerRouter},
	{"DEALER", "DEALER", bothWays},
	{"ROUTER", "ROUTER", routerRouter},
	{"PUSH", "PULL", oneWay},
}

// leftID and rightID are the routing ids of the two ends of a ROUTER pair,
// where each must know the other's before it can speak.
const leftID, rightID = "left", "right"

// setupFor returns what a socket of the pair needs to play its conversation.
func (p pairing) setupFor(typ, id string) setup {
	if p.left == "ROUTER" && p.right == "ROUTER" && typ == "ROUTER" {
		return setup{id: id, mandatory: true}
	}
	return setup{}
}

// join opens the two ends, lets the named one bind, and connects the other. A
// SUB is subscribed to everything first, an XSUB once it is connecting.
func (p pairing) join(t *testing.T, by pair, leftBinds bool, endpoint string) (left, right end) {
	t.Helper()
	left = by.left.open(t, p.left, p.setupFor(p.left, leftID))
	right = by.right.open(t, p.right, p.setupFor(p.right, rightID))
	if p.right == "SUB" {
		right.subscribe("")
	}
	if leftBinds {
		right.connect(left.bind(endpoint))
	} else {
		left.connect(right.bind(endpoint))
	}
	if p.right == "XSUB" {
		right.send(raw("\x01"))
	}
	return left, right
}

func oneWay(t *testing.T, left, right end) {
	for _, m := range traffic() {
		left.send(m...)
		expect(t, right, m...)
	}
}

func bothWays(t *testing.T, left, right end) {
	oneWay(t, left, right)
	oneWay(t, right, left)
}

func requestReply(t *testing.T, req, rep end) {
	for _, m := range traffic() {
		req.send(m...)
		expect(t, rep, m...)
		rep.send(m...)
		expect(t, req, m...)
	}
}

// requestRouter: a request arrives at a ROUTER behind the peer's id and an
// empty delimiter, and the reply goes back in the same envelope.
func requestRouter(t *testing.T, req, router end) {
	for _, m := range traffic() {
		req.send(m...)
		id := expectEnvelope(t, router, prefixed(m, raw("")))
		router.send(prefixed(m, raw(id), raw(""))...)
		expect(t, req, m...)
	}
}

// dealerReply: a DEALER that talks to a REP makes the delimiter itself.
func dealerReply(t *testing.T, dealer, rep end) {
	for _, m := range traffic() {
		dealer.send(prefixed(m, raw(""))...)
		expect(t, rep, m...)
		rep.send(m...)
		expect(t, dealer, prefixed(m, raw(""))...)
	}
}

func dealerRouter(t *testing.T, dealer, router end) {
	for _, m := range traffic() {
		dealer.send(m...)
		id := expectEnvelope(t, router, m)
		router.send(prefixed(m, raw(id))...)
		expect(t, dealer, m...)
	}
}

func routerRouter(t *testing.T, left, right end) {
	for _, m := range traffic() {
		left.send(prefixed(m, raw(rightID))...)
		expect(t, right, prefixed(m, raw(leftID))...)
		right.send(prefixed(m, raw(leftID))...)
		expect(t, left, prefixed(m, raw(rightID))...)
	}
}

// expectEnvelope receives a message at a ROUTER and returns the id before it,
// which, where the peer chose none, is five bytes of which the first is zero.
func expectEnvelope(t *testing.T, router end, want []frame) string {
	t.Helper()
	got := take(t, router)
	if len(got) == 0 || !got[1:].equal(want) {
		t.Fatalf("received %v, want an id and %v", got, messageOf(want))
	}
	id := got[0].text()
	if len(id) != 5 || id[0] != 0 {
		t.Fatalf("routing id %q, want a zero byte and four more", id)
	}
	return id
}

// publish sends traffic from a PUB. It has no way to see a subscription, so a
// probe is repeated until one gets through, and a mark ends the probes.
func publish(t *testing.T, pub, sub end) {
	awaitSubscribed(t, pub, sub, "")
	oneWay(t, pub, sub)
}

// awaitSubscribed returns when messages that begin with prefix pass from pub to
// sub, and no more of the probes it sent are on their way.
func awaitSubscribed(t *testing.T, pub, sub end, prefix string) {
	t.Helper()
	probe, mark := raw(prefix+"~probe"), raw(prefix+"~mark")
	ztest.Eventually(t, "subscription", func() bool {
		pub.send(probe)
		_, ok := sub.recv(20 * time.Millisecond)
		return ok
	})
	pub.send(mark)
	ztest.Eventually(t, "end of probes", func() bool {
		return take(t, sub).equal([]frame{mark})
	})
}

// publishToSubscriber: an XPUB sees the subscription as a message.
func publishToSubscriber(t *testing.T, xpub, sub end) {
	expectFrom(t, sub, xpub, raw("\x01"))
	oneWay(t, xpub, sub)
}

// publishAndAnswer: an XSUB's messages that are no subscriptions reach the XPUB.
func publishAndAnswer(t *testing.T, xpub, xsub end) {
	expectFrom(t, xsub, xpub, raw("\x01"))
	bothWays(t, xpub, xsub)
}
