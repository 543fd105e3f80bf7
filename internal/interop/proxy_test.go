//go:build interop

package interop

import (
	"fmt"
	"testing"
)

// relayed plays a scenario with a proxy in the middle, with every mixture of
// the two implementations in the three places, libzmq alone included.
func relayed(t *testing.T, play func(t *testing.T, left, middle, right side)) {
	a, b, c := theirs{startPeer(t)}, theirs{startPeer(t)}, theirs{startPeer(t)}
	either := func(their side) []side { return []side{ours{}, their} }
	for _, l := range either(a) {
		for _, m := range either(b) {
			for _, r := range either(c) {
				t.Run(fmt.Sprintf("%s-%s-%s", l.name(), m.name(), r.name()), func(t *testing.T) { play(t, l, m, r) })
			}
		}
	}
}

// Requests of two clients pass a ROUTER-DEALER queue to one server, and each
// reply finds its way back.
func TestQueueProxy(t *testing.T) {
	relayed(t, func(t *testing.T, left, middle, right side) {
		front, back := middle.proxy(t, "ROUTER", "DEALER")
		clients := []end{left.open(t, "REQ", setup{}), left.open(t, "REQ", setup{id: "second"})}
		server := right.open(t, "REP", setup{})
		server.connect(back)
		for i, c := range clients {
			c.connect(front)
			for _, m := range traffic() {
				ask := prefixed(m, raw(fmt.Sprint("client ", i)))
				c.send(ask...)
				expect(t, server, ask...)
				server.send(prefixed(ask, raw("reply"))...)
				expect(t, c, prefixed(ask, raw("reply"))...)
			}
		}
	})
}

// A publisher and a subscriber on the two sides of an XSUB-XPUB forwarder:
// subscriptions travel up, messages down.
func TestForwarder(t *testing.T) {
	relayed(t, func(t *testing.T, left, middle, right side) {
		front, back := middle.proxy(t, "XSUB", "XPUB")
		xpub, sub := left.open(t, "XPUB", setup{}), right.open(t, "SUB", setup{})
		xpub.connect(front)
		sub.connect(back)
		sub.subscribe("a")
		expectSubscriptions(t, xpub, "\x01a")
		xpub.send(raw("a1"), sized(70_000, 1))
		sendAll(xpub, "b1", "a2")
		expect(t, sub, raw("a1"), sized(70_000, 1))
		expectAll(t, sub, "a2")
		sub.unsubscribe("a")
		expectSubscriptions(t, xpub, "\x00a")
		sendAll(xpub, "a3")
		expectNone(t, sub)
	})
}

// Work through a PULL-PUSH streamer arrives whole and in order.
func TestStreamer(t *testing.T) {
	relayed(t, func(t *testing.T, left, middle, right side) {
		front, back := middle.proxy(t, "PULL", "PUSH")
		push, pull := left.open(t, "PUSH", setup{}), right.open(t, "PULL", setup{})
		push.connect(front)
		pull.connect(back)
		sent := push.sendSeq(0, 10_000, 100)
		pull.recvSeq(0, 10_000)()
		sent()
	})
}
