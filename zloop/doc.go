// Package zloop is a reactor: one goroutine, and handlers for everything that
// may happen: messages on sockets and actors, values on channels, bytes on
// network connections, timers, tickets, and functions posted by other goroutines.
// What handlers touch needs no lock, because they never run at the same time.
// (libzmq's users know it as zloop.)
//
//	loop, err := zloop.New()
//	loop.Reader(socket, func(m msg.Msg) error {
//		return handle(m)
//	})
//	loop.Every(time.Second, func() error {
//		return report()
//	})
//	err := loop.Run(ctx)
//
// # Order
//
// Run works in passes. One pass calls, in this order:
//
//  1. each timer that is due, once, by its time;
//  2. each ticket that is due, by its time;
//  3. each function that was posted before the pass, in the order of the Posts;
//  4. each source that is ready, once: one message, value or piece of bytes, in
//     the order of registration.
//
// Informally: everybody gets one turn. A source with a thousand messages waiting
// takes turns with one that has a single one; a flood of messages delays a timer
// by one pass at most, and a timer that is always due delays the messages by one
// call. Messages of one source keep their order.
//
// # Stopping
//
// Stop is at once. After [Timer.Stop], [Ticket.Stop] or [Handle.Stop] has
// returned in a handler, the stopped handler is not called any more, also when it
// was due in the same pass. Reset is legal everywhere, also inside the handler of
// the timer or ticket itself. Called from other goroutines they are safe, but a
// call that has begun may still be running when they return.
//
// A handler ends Run by returning an error: [ErrStop] for nil, any other error
// for that error. When a source ends by itself, because the socket or channel was
// closed or the connection is at its end, only its handle ends, and [WithOnEnd]
// is told; the loop goes on.
//
// # Time
//
// Timers use package time, so a loop runs in a testing/synctest bubble. A
// repeated timer that is late skips the ticks it has missed and keeps its rhythm;
// [WithCatchUp] makes it deliver them all, one in a pass. A timer costs O(log n),
// a ticket O(1).
//
// # Back-pressure
//
// The loop holds no messages: it takes one from its source when the handler is
// called with it, so a slow handler fills the source, whose own high-water mark
// then holds the peer back. A handler that blocks stops everything, timers too:
// handlers use Try calls, or leave the work to an actor. Post is bounded, and
// says so with [ErrPostFull].
//
// # Limits
//
// A wake-up looks at all sources, so its cost grows with their number (a busy
// source does not pay for idle ones). Channels are waited for with reflect.Select:
// a few hundred nanoseconds more for each channel at each sleep; with many, one
// goroutine that calls Post is cheaper. Signals are the program's: use
// signal.NotifyContext for Run's context.
package zloop
