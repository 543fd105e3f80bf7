//go:build interop

package interop

import "testing"

// A ROUTER on the left names the DEALERs and REQs on the right by the ids that
// they chose, and each gets its own messages.
func TestRouterIdentities(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		router := by.left.open(t, "ROUTER", setup{mandatory: true})
		bound := router.bind(endpoint)
		ids := []string{"alpha", "beta", string(content(255, 1))}
		peers := map[string]end{}
		for _, id := range ids {
			peers[id] = by.right.open(t, "DEALER", setup{id: id})
			peers[id].connect(bound)
		}
		for _, id := range ids {
			router.send(raw(id), raw("to"), raw(id))
			expect(t, peers[id], raw("to"), raw(id))
			peers[id].send(raw("from"), raw(id))
			expect(t, router, raw(id), raw("from"), raw(id))
		}
	})
}

// The ROUTER connects, and the peers with ids are bound.
func TestRouterConnects(t *testing.T) {
	eachTransport(t, func(t *testing.T, by pair, endpoint string) {
		router := by.left.open(t, "ROUTER", setup{mandatory: true})
		dealer := by.right.open(t, "DEALER", setup{id: "bound"})
		router.connect(dealer.bind(endpoint))
		router.send(raw("bound"), raw("hello"))
		expect(t, dealer, raw("hello"))
	})
}

// A second peer of the same id does not take the first one's place.
func TestRouterSameID(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		router := by.left.open(t, "ROUTER", setup{mandatory: true})
		bound := router.bind("tcp://127.0.0.1:*")
		first, second := by.right.open(t, "DEALER", setup{id: "same"}), by.right.open(t, "DEALER", setup{id: "same"})
		first.connect(bound)
		router.send(raw("same"), raw("1"))
		expect(t, first, raw("1"))
		second.connect(bound)
		second.send(raw("from the second"))
		expectNone(t, router)
		router.send(raw("same"), raw("2"))
		expect(t, first, raw("2"))
		expectNone(t, second)
	})
}

// What is sent to an unknown peer is dropped without a trace.
func TestRouterUnknownPeer(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		router := by.left.open(t, "ROUTER", setup{})
		dealer := by.right.open(t, "DEALER", setup{id: "known"})
		dealer.connect(router.bind("tcp://127.0.0.1:*"))
		dealer.send(raw("hello"))
		expect(t, router, raw("known"), raw("hello"))
		router.send(raw("nobody"), raw("lost"))
		router.send(raw("known"), raw("found"))
		expect(t, dealer, raw("found"))
		expectNone(t, dealer)
	})
}

// Two REQs with ids at a ROUTER that answers in the other order.
func TestRouterAnswersLater(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		router := by.left.open(t, "ROUTER", setup{})
		bound := router.bind("tcp://127.0.0.1:*")
		one, two := by.right.open(t, "REQ", setup{id: "one"}), by.right.open(t, "REQ", setup{id: "two"})
		for id, req := range map[string]end{"one": one, "two": two} {
			req.connect(bound)
			req.send(raw("ask"))
			expect(t, router, raw(id), raw(""), raw("ask"))
		}
		router.send(raw("two"), raw(""), raw("for two"))
		router.send(raw("one"), raw(""), raw("for one"))
		expect(t, one, raw("for one"))
		expect(t, two, raw("for two"))
	})
}

// A REP skips what has no delimiter, and answers along an envelope of several ids.
func TestRepEnvelopes(t *testing.T) {
	eachWay(t, func(t *testing.T, by pair) {
		dealer, rep := by.left.open(t, "DEALER", setup{}), by.right.open(t, "REP", setup{})
		dealer.connect(rep.bind("tcp://127.0.0.1:*"))
		dealer.send(raw("no"), raw("delimiter"))
		dealer.send(raw("X"), raw("Y"), raw(""), raw("body"), raw(""), raw("more"))
		expect(t, rep, raw("body"), raw(""), raw("more"))
		rep.send(raw("answer"))
		expect(t, dealer, raw("X"), raw("Y"), raw(""), raw("answer"))
	})
}
