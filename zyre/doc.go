// Package zyre makes peers out of programs on one network: they find each other,
// join groups, and send messages to one peer or to a group, without any broker and
// without being configured. It speaks ZRE (RFC 36) as zyre 2.x in C does, with
// elections, and with CURVE (RFC 43).
//
//	n, err := zyre.New(ctx, "alice", zyre.WithHeader("X-ROLE", "camera"), zyre.WithGroups("room"))
//	defer n.Close()
//	for e := range n.Events(ctx) { // begins with all since New
//		switch e.Kind {
//		case zyre.Enter:
//			err = n.Whisper(ctx, e.Peer, msg.NewString("hello", e.Name))
//		case zyre.Shout:
//			fmt.Println(e.Name, "in", e.Group, "says", e.Msg)
//		}
//	}
//
// # Finding each other
//
// A node beacons its UUID and port on every interface once a second, in large networks
// more rarely (package beacon), listens on a TCP port, and dials whoever it hears. Two nodes know each
// other some milliseconds after the second one starts. To each peer it names the
// address at which that peer can reach it, so that hosts with several interfaces
// need no settings. Nodes of one host find each other [WithLoopback].
//
// # Delivery
//
// Messages from one node to another arrive in the order in which they were sent,
// and none is missing: where one is, because a connection was lost, the peer exits and
// enters anew. An outage that is shorter than the expiry ([WithTimeouts]) costs nothing.
// An application that falls behind loses events, and is told so. [Node.Whisper] and
// [Node.Shout] wait for room, as long as their context allows, when a peer is slow.
// What a peer has not read when it exits is lost. One that sends as fast as it can while
// others are heard is slowed down for them: its Whispers wait for room.
//
// # Events
//
// [Node.Events] and [Node.Chan] give every event in order: a peer's ENTER comes
// first, then what it does, and its EXIT last. Each iterator and channel has a queue
// of its own that is bounded in number and bytes ([WithQueue]). A slow application
// never holds the node up: what does not fit is dropped and counted, messages before
// changes of the roster, those first of the peer that has most of them there, and at that
// place in the stream a [Lost] event says how many. The events of a peer come in their
// order; peers of which several wait take turns. [Node.Peers] is the roster at any time.
//
// EVASIVE and its opposite, RECOVERED, come once each; a healthy peer that is idle
// is neither.
//
// # Trust
//
// In clear, anybody on the network can be anybody: use it where you would use a
// loudspeaker. With [WithCurve] every link is encrypted and every peer has proved
// its key, keys are let in by a store, and a UUID belongs to the first key that came
// with it. Nodes with a key and nodes in clear do not see each other.
//
// In both cases beacons are only hints. A flood of false ones costs at most ten
// dials a second and a table of bounded size; a false goodbye costs a PING.
// Whatever a peer sends that is not ZRE ends that peer, is counted ([Node.Stats]),
// and does nothing else.
//
// # Elections
//
// Those members of a group that [Node.Contest] elect the one with the smallest UUID
// among them; all members hear of it ([Leader]).
package zyre
