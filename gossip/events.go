package gossip

import (
	"context"
	"iter"
	"strconv"

	"github.com/go-zactor/zactor/internal/feed"
)

// EventKind says what has happened to a key.
type EventKind uint8

// The kinds of events.
const (
	Found   EventKind = iota + 1 // the key is new
	Changed                      // it has another value
	Lost                         // it was deleted, or its time is over
)

// String is the kind in lower case.
func (k EventKind) String() string {
	if k < Found || k > Lost {
		return "event " + strconv.Itoa(int(k))
	}
	return [...]string{"found", "changed", "lost"}[k-Found]
}

// Event says what has happened to a key. With Lost, the value is the one that was
// told last.
type Event struct {
	Kind EventKind
	Tuple
}

// newFeed makes the feed of a node's tuples.
func newFeed() *feed.Keyed[string, Tuple, Event] {
	kinds := map[feed.Kind]EventKind{feed.Found: Found, feed.Changed: Changed, feed.Lost: Lost}
	return feed.NewKeyed(
		func(a, b Tuple) bool { return a.Value == b.Value },
		func(c feed.Change[string, Tuple]) Event { return Event{kinds[c.Kind], c.Value} },
	)
}

// Events returns the tuples that are there as Found, and then every change, the node's
// own among them, until ctx ends or the node is closed. A reader that is slow misses
// steps, but not the outcome: what waits for it is bounded by the number of keys.
//
// Leaving the loop does not end the subscription: ranging again goes on where the first
// loop stopped.
func (n *Node) Events(ctx context.Context) iter.Seq[Event] { return n.feed.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it
// is the same channel. It is closed when ctx ends, or when the node is closed and all is
// received: whoever stops receiving before must end ctx.
func (n *Node) Chan(ctx context.Context) <-chan Event { return n.feed.Chan(ctx) }
