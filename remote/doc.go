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
// ended meanwhile, and one whose mailbox stays full loses what does not fit in a
// queue of its space (1,000 messages), which is counted there. An Ask says in every
// case what became of it: [ErrBusy] for a full queue, or [ErrLost] when the answer
// can't come any more; the actor may have acted all the same.
//
// # How it works
//
// A name is a group of the node, "actor:" and the name, so that peers know of it as
// they know of groups. Messages are WHISPERs that begin with a frame of this
// package's: [Owns] tells them from those of the application. Over a node with
// zyre.WithCurve all of it is encrypted, and only nodes with trusted keys take part;
// on a node in clear everybody on the network may use what is published.
package remote
