// Package gossip spreads small tuples, a key and a value each, over a network of
// nodes without a broker: every node has all of them. It speaks zgossip as czmq does,
// and converges where that does not.
//
//	n, err := gossip.New(ctx)
//	endpoint, err := n.Bind("tcp://*:5670")
//	err = n.Connect("tcp://seed.example:5670")
//	err = n.Publish("service/web", "tcp://10.0.0.7:80", time.Minute)
//	for e := range n.Watch(ctx) {
//		fmt.Println(e.Kind, e.Key, e.Value)
//	}
//
// # Convergence
//
// Nodes may be linked in any way, in loops, too. Of several values for one key the
// one that was put last wins, by the clocks of those who put them, and everywhere the
// same one; who has heard of a tuple can always replace it. A tuple that does not win
// is not passed on, so that a change costs at most one message on each link and
// direction. Tables that differ although nothing moves are found by their digests
// and brought together. Stamps from more than a day ahead are refused.
//
// A deletion is remembered for ten minutes ([WithMemory]); a node that was away for
// longer can bring the tuple back. A tuple with a time to live ends everywhere at
// once, without a message, unless it was published again; nobody needs to be alive
// for that.
//
// # With czmq
//
// zgossip in C has neither versions nor deletions, and its hubs forget clients that
// are silent for a second. Nodes of this package keep themselves known there, say all
// again when they were forgotten, and take the order in which a hub passes values on
// as the order in which they were put. A deletion is an empty value to C, and an
// empty value of C deletes. A time to live does not get through a C hub, but what
// ends on this side is deleted on the other. Where values go round among several C
// hubs they come to rest on the greatest; a key that a C program changes more often
// than ten times a second does so, too.
//
// What zgossip lacks is in bytes behind the end of its messages, which C does not
// read. No C peer sees anything else than zgossip.
//
// # Trust
//
// Whoever may connect may set every key: let in only whom you trust, by CURVE
// ([WithCurve], with package auth on the Context). A peer that sends what is not
// zgossip, or too much, is not heard for a few seconds, and counted; it does nothing
// else. What one peer can make a node hold is bounded by [WithMaxKeys] and
// [WithMaxValue].
package gossip
