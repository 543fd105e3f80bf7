// Package actor runs actors: independent parts of a program that own their state and
// talk by messages, that are supervised and restarted, and that end when they are told
// to. There are two kinds.
//
// A [Ref] is an actor whose messages are Go values of a type M, and which answers
// questions with Go values. It has a goroutine only while there is work, so that
// millions may wait:
//
//	type Deposit struct{ Amount int }
//	type Withdraw struct { // a question: it is answered with an int
//		Amount int
//		actor.Answer[int]
//	}
//
//	account, err := actor.New(ctx, func(c *actor.Context[any]) (actor.Handler[any], error) {
//		balance := 0 // the state of one life
//		return func(c *actor.Context[any], m any) error {
//			switch m := m.(type) {
//			case Deposit:
//				balance += m.Amount
//			case *Withdraw:
//				if m.Amount > balance {
//					return m.Fail(ErrPoor)
//				}
//				balance -= m.Amount
//				return m.Reply(balance)
//			}
//			return nil
//		}, nil
//	})
//	err = account.Tell(ctx, Deposit{50})
//	left, err := actor.Ask(ctx, account, &Withdraw{Amount: 30}) // left is an int
//
// An [Actor] speaks frames, as sockets do, and is what czmq calls a zactor: a
// function on a goroutine of its own, with a [Pipe] to its owner. It is for actors
// that own sockets, loops and other things that wait:
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
//
// Both are supervised, registered, watched and ended alike ([Unit]), and each may have
// the other as its children.
//
// # Life
//
// New and Spawn return when the actor is ready: when its [Setup] has returned, or its
// [Func] has called [Pipe.Ready] or received. What fails before is their error. From
// then on its end shows in Done and Err, and in every call on the actor, as
// [ErrClosed]. A panic is such an end, with a [*PanicError] that has the stack, and so
// is runtime.Goexit; neither reaches the rest of the program.
//
// Close does not go through the mailbox. It ends the life's context, and every call
// with it that waits, whatever is queued; and it waits for the function, up to the stop
// timeout. Shutdown lets the actor receive what is queued first. Go can't end a
// goroutine from outside: a function that ignores its context runs on, and Close says
// so: [ErrStuck]. Done is closed only when it has returned. An actor does not close
// itself: it returns, or calls [Context.Stop].
//
// # Order
//
// Messages of one goroutine to one actor, by Tell, Send or Ask, are received in the
// order in which they were sent. An answer goes to who asked and has no order with
// other messages. Between different senders there is no order. What timers, [Context.Idle],
// [Context.Watch] and [Context.Async] bring comes before what is in the mailbox.
//
// # Delivery
//
// A nil from Tell or Send means that the message is in the mailbox. It is received at
// most once: the one in hand when a life fails is not delivered again. Who asked it gets
// [ErrNoReply] with the cause; one that was told is a dead letter, counted in [Stats].
// What else is in the mailbox of an actor that is restarted is kept, with what it has
// stashed, and with the questions. Of one that ends it is counted, and Close says so
// ([UnsentError]).
//
// An Ask ends with an answer, or with an error that says why there is none; it never
// waits for an actor that has ended. A question whose asker has left, or whose deadline
// has passed, is not worked on. A circle of asks is [ErrCycle] at once: so much is known
// of handlers that ask with their own context or with that of a question, for as long as
// the question is in a mailbox, in hand or stashed. One that was put aside in any other
// way (in a map, with a goroutine) counts as answered elsewhere.
//
// # Back-pressure
//
// Mailboxes are bounded, by 2000 messages unless an option says otherwise. A full one
// makes Tell wait, drop and count, or fail: see [Overflow]. Two actors that tell each
// other, both with full mailboxes, wait for each other for ever, as two goroutines with
// two channels do: let one of them use TryTell, or a context with a deadline.
//
// # Supervision
//
// A [Supervisor] starts its children in order, each when the one before is ready,
// and stops them in the reverse order. It restarts those that fail, with
// ever longer pauses, alone or with their siblings ([Strategy]), and gives up
// when that happens too often. Supervisors nest: see [ServiceFunc]. What a life makes
// by [Child], [Context.Children] or [Pipe.Children] ends with that life. A [Pool] is
// several actors behind one Ref.
//
// # Cost
//
// An idle typed actor takes about 460 bytes, and an Actor 3.8 kB, where a bare goroutine
// that waits on a channel takes 2.8 kB. A message costs about what it costs through a
// buffered channel, an Ask one allocation, that of the question. A typed actor that wakes
// begins with the small stack of a new goroutine: a handler that needs much of it pays
// for its growth at each wake, but not while messages keep it busy. `cd bench/actors &&
// go run .` measures them beside channels, another library and what they were.
package actor
