package zyre

import (
	"context"
	"iter"

	"github.com/go-zactor/zactor/internal/feed"
)

// maxQueueBytes bounds the messages that wait for one reader, and maxEarlyBytes those
// that wait for the first one.
const (
	maxQueueBytes = 64 << 20
	maxEarlyBytes = 1 << 20
)

// newFeed makes the feed of a node's events. A slow reader loses messages before
// changes of the roster, and those first of the peer that has sent most.
func (n *Node) newFeed() *feed.Queue[Event] {
	return feed.NewQueue(feed.Config[Event]{
		Limit: n.config.queue, MaxBytes: maxQueueBytes,
		Size:   func(e Event) int { return e.Msg.Size() },
		Of:     whose,
		Keep:   func(e Event) bool { return !e.message() },
		Missed: func(missing uint64) Event { return Event{Kind: Lost, Missing: missing} },
		Copy:   func(e Event) Event { e.Msg = e.Msg.Clone(); return e },
		Now:    n.soFar,
	})
}

// whose is the peer in whose line an event waits.
func whose(e Event) feed.Key {
	if e.Kind == Lost {
		return feed.Key(e.after)
	}
	return feed.Key(e.Peer)
}

// Events returns the events from this call on, until ctx ends or the node is closed; the
// EXITs of that are the last ones. Peers that are there already enter first, and join
// their groups. The first subscription of a node, by Events or Chan, begins with all
// that has happened since New, so that nothing is missed; of messages at most 1 MiB.
//
// Leaving the loop does not end the subscription: ranging again goes on where the first
// loop stopped.
func (n *Node) Events(ctx context.Context) iter.Seq[Event] {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.feed.Events(ctx)
}

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx it
// is the same channel. It is closed when ctx ends, or when the node is closed and all is
// received: whoever stops receiving before must end ctx.
func (n *Node) Chan(ctx context.Context) <-chan Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.feed.Chan(ctx)
}

// early are the events before the first subscription.
type early struct {
	over    bool
	list    []Event
	bytes   int
	missing uint64
	partial bool // a change of the roster is missing
}

// publish tells an event to all readers, or keeps it for the first one. The caller holds
// mu.
func (n *Node) publish(e Event) {
	first := &n.early
	if first.over {
		n.feed.Publish(e)
		return
	}
	size := e.Msg.Size()
	switch full := len(first.list) >= n.config.queue; {
	case e.message() && (full || first.bytes+size > maxEarlyBytes):
		first.missing++
		n.lost.Add(1)
	case full && len(first.list) >= 2*n.config.queue:
		first.missing++
		n.lost.Add(1)
		first.partial = true
	default:
		first.list = append(first.list, e)
		first.bytes += size
	}
}

// soFar is what a subscription begins with. It is called with mu held, by Events and
// Chan.
func (n *Node) soFar() []Event {
	first := n.early
	n.early = early{over: true}
	if first.over || first.partial {
		first.list = n.roster()
	}
	if first.missing > 0 {
		lost := Event{Kind: Lost, Missing: first.missing}
		if n := len(first.list); n > 0 {
			lost.after = first.list[n-1].Peer
		}
		first.list = append(first.list, lost)
	}
	return first.list
}

// roster are the events that make the peers known that are there.
func (n *Node) roster() (list []Event) {
	for _, p := range n.core.Peers() {
		enter := newPeer(p)
		list = append(list, Event{Kind: Enter, Peer: enter.ID, Name: p.Name, Headers: p.Headers, Endpoint: enter.Endpoint, Key: p.Key})
		for _, g := range p.Groups {
			list = append(list, Event{Kind: Join, Peer: enter.ID, Name: p.Name, Group: g})
		}
	}
	return list
}
