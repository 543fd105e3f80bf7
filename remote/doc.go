// Package remote makes actors of one program usable in others: an actor that is
// published by its name on a zyre node is found by every node of the network, and
// used as if it were here.
//
//	// on one machine
//	space, err := remote.New(ctx, node)
//	err = space.Publish(thermometer)                // an *actor.Actor with a name
//
//	// on another one
//	space, err := remote.New(ctx, node)
//	ref, err := space.Find(ctx, "thermometer")      // waits until there is one
//	answer, err := ref.Ask(ctx, msg.NewString("temperature"))
//	<-ref.Done()                                    // it has ended, or its node is lost
//
// # What is the same, and what is not
//
// A [Ref] is an actor of any place; *actor.Actor is one. Messages of one goroutine to
// one actor arrive in the order in which they were sent, by Send and Ask alike, at
// most once each. Done is closed when the actor has ended, and also when its node is
// lost: then Err is [ErrLost], the actor may live on, and Find will find it again.
//
// A nil from a remote Send means that the message is on its way. Its actor may have
// ended meanwhile, and one whose mailbox stays full loses what is over the sender's
// quota (1,000 messages and 64 MiB a peer, [WithQuota]), which is counted there. An Ask
// says in every case what became of it: [ErrBusy] beyond the quota, or [ErrLost] when
// the answer can't come any more; the actor may have acted all the same.
//
// The deadline of an Ask crosses with it, and its end too: what nobody waits for is not
// begun, and takes no room. A circle of asks over several nodes is not found: give such
// asks deadlines.
//
// # Values
//
// Actors whose messages are Go values are published and found by functions, with a
// [Protocol] that says which types cross and under what names. Both sides have it as a
// variable:
//
//	type Withdraw struct {
//		Amount int
//		actor.Answer[int]
//	}
//
//	var bank = remote.NewProtocol(remote.JSON, remote.Question[*Withdraw]("withdraw"))
//
//	err = remote.Publish(space, account, bank)                        // on one machine
//	accounts, err := remote.Find[any](ctx, space, "account", bank)    // on another one
//	left, err := remote.Ask(ctx, accounts, &Withdraw{Amount: 30})     // left is an int
//
// A type that the protocol does not have is actor.ErrType at once, and is never decoded.
// A [Client] stands for all actors of a name: it takes those of other nodes in turn, and
// passes over a node that does not answer. A message with a [From] inside, and the
// context of a question ([PeerOf]), tell the handler who has sent it.
//
// # Who may
//
// On a node in clear everybody on the network may use what is published. Over one with
// zyre.WithCurve all of it is encrypted, and only nodes with trusted keys take part;
// [WithAllow] and [WithAllowKeys] choose among them for each actor.
//
// # How it works
//
// A name is a group of the node, "actor:" and the name, so that peers know of it as
// they know of groups. Messages are WHISPERs that begin with a frame of this
// package's: [Owns] tells them from those of the application. A node is in the group
// "zactor.remote/2" too, which says that it knows deadlines, cancellation and values;
// with nodes of the first version, which are not, frames go as they always have.
//
// A node that has said nothing for 250 ms while an Ask waits for it is asked whether it
// is there, and counts as silent when it does not say so in as much time, or when the
// Ask ends before it has said anything. Those who choose among nodes (Lookup, Find, a
// Client) then prefer others. The first word of it ends that.
package remote
