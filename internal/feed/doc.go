// Package feed tells readers what happens, and never makes the writer wait.
//
// It has two kinds of feed. A [Queue] hands every event to every reader; what
// waits for a reader is bounded, and the reader is told how many events it has
// missed. A [Keyed] holds the latest value of each key; a slow reader is told the
// outcome of what it has missed, not every step.
//
// # Subscriptions
//
// Both have the same methods, and they mean the same:
//
//   - Events(ctx) begins a subscription at the call, not when it is ranged over.
//   - The subscription ends with ctx, whether it was ranged over or not. What
//     waited for it is given up.
//   - It ends also when the feed is closed; what waits then can still be read.
//   - Leaving the loop does not end it. Ranging again goes on where the first
//     loop stopped. Several goroutines may range over one subscription: each
//     event goes to one of them.
//   - Chan(ctx) is a subscription too, for use in a select. There is one channel a
//     feed and context: asking again with the same ctx returns the same channel.
//     One goroutine feeds it, which ends with ctx, or when the feed is closed and
//     all is received: whoever stops receiving before must end ctx. A select that
//     takes another case loses nothing, because the event stays on offer. When
//     ctx ends, the event on offer is given up with the rest.
//
// A subscription with a context that never ends holds its queue until the feed is
// closed.
package feed
