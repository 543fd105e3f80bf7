// Package gossip spreads small tuples, a key and a value each, over a network of
// nodes without a broker: every node has all of them. It speaks zgossip as czmq does,
// and converges where that does not.
//
//	n, err := gossip.New(ctx)
//	endpoint, err := n.Bind("tcp://*:5670")
//	err = n.Connect("tcp://seed.example:5670")
//	err = n.Publish("service/web", "tcp://10.0.0.7:80", time.Minute)
//	for e := range n.Events(ctx) {
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
// as the order in which they were put. zgossip has no word for a deletion, and zyre in C
// crashes on a tuple with an empty value: so C peers are told of no deletion and of no
// end of a time to live. They keep the tuple until its key is put again; nodes of this
// package do not take it back from a hub that they are linked to. An empty value that a
// C program publishes deletes. Where values go round among several C hubs they come to
// rest on the greatest; a key that a C program changes more often than ten times a
// second does so, too.
//
// What zgossip lacks is in bytes behind the end of its messages, which C does not
// read. A C peer is sent what czmq sends, but for those bytes behind the HELLO and the
// PINGs by which a hub is asked whether it knows them.
//
// # Trust
//
// Whoever may connect may set every key: let in only whom you trust, by CURVE
// ([WithCurve], with package auth on the Context). A peer that sends what is not
// zgossip, or too much, is not heard for a few seconds, and counted; it does nothing
// else. The table is bounded in keys and bytes ([WithMaxKeys], [WithMaxBytes],
// [WithMaxValue]), and so is the part that one peer or one address may fill
// ([WithShares]). When it is full, what lost peers left goes first, and then the newest
// tuples of the peer that has most of it; a part is kept for the node's own.
package gossip
