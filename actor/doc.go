// Package actor runs functions as actors: a goroutine with a mailbox, which its
// owner sends to, receives from, asks and stops, and which a supervisor may
// restart. (czmq: zactor, whose pair of pipe ends this is, without the thread.)
//
//	a, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
//		for m, err := range p.Messages(ctx) {
//			if err != nil {
//				return err
//			}
//			if err := p.Reply(ctx, m); err != nil { // an echo
//				return err
//			}
//		}
//		return nil
//	})
//	answer, err := a.Ask(ctx, msg.NewString("hello"))
//	err = a.Stop(ctx)
//
// # Life
//
// Spawn returns when the actor is ready: when the function has called
// [Pipe.Ready], or received for the first time. A function that returns before is
// Spawn's error. From then on its end shows in [Actor.Done] and [Actor.Err], and
// in every call on the actor, as [ErrStopped]. A panic is such an end, with a
// [*PanicError] that has the stack; it never reaches the rest of the program.
//
// [Actor.Stop] does not go through the mailbox. It ends the function's context,
// and every call on the pipe that waits, whatever is queued; and it waits for the
// function, for as long as its own context allows. [Actor.Drain] lets the actor
// receive what is queued first. Go can't end a goroutine from outside: a function
// that ignores its context, and never calls its pipe, runs on, and Stop says so by
// returning its context's error. Done is closed only when it has returned. An actor
// does not stop itself: it returns.
//
// # Order
//
// Messages of one goroutine to one actor, by Send or Ask, are received in the
// order in which they were sent. The actor's messages are received by its owner in
// order. An answer to an Ask goes to who asked and has no order with the messages
// to the owner. Between different senders there is no order.
//
// # Delivery
//
// A nil from Send means that the message is in the mailbox. It is received at most
// once: the one that is being handled when the function fails is gone, and an Ask
// of it ends with [ErrNoReply]. What else is in the mailbox of an actor that ends
// is counted in [Stats]; of a supervised actor that is restarted, it is kept, with
// the Asks in it. An Ask ends with an answer, or with an error that says why there
// is none; it never waits for an actor that has ended.
//
// # Back-pressure
//
// Both directions are bounded, by 2000 messages unless an option says otherwise. A
// full mailbox makes Send wait, drop and count, or fail: see [Overflow]. An actor
// whose owner does not receive waits in its Send, where Stop still ends it. Two
// actors that send to each other, both with full mailboxes, wait for each other
// for ever, as two goroutines with two channels do: let one of them use TrySend,
// or a context with a deadline.
//
// # Supervision
//
// A [Supervisor] starts its children in order, each when the one before is ready,
// and stops them in the reverse order. It restarts those that fail, with
// ever longer pauses, alone or with their siblings ([Strategy]), and gives up
// when that happens too often. Supervisors nest: see [ServiceFunc].
//
// # Sockets
//
// Actors and pipes are Pollable as sockets are: give them to a zmq.Poller or a
// zloop.Loop beside sockets. An actor that has sockets of its own, and timers, is
// best made of its own loop: see [Pipe.Loop].
//
// # Cost
//
// An idle actor takes 3.8 kB, where a bare goroutine that waits on a channel takes
// 2.8 kB. A message costs about what it costs through a buffered channel, and a
// round trip less than twice as much as through two. BenchmarkIdle,
// BenchmarkOneWay and BenchmarkPingPong measure that beside the bare channels.
package actor
