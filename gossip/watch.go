package gossip

import (
	"context"
	"iter"
	"strconv"
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

// watcher is one reader: what it has been told, and where to look again. All of it is
// guarded by the node's lock.
type watcher struct {
	told    map[string]Tuple
	queue   []string
	waiting map[string]bool
	news    chan struct{} // a token when there may be something
	closed  bool
}

func (w *watcher) mark(key string) {
	if !w.waiting[key] {
		w.waiting[key] = true
		w.queue = append(w.queue, key)
	}
	w.wake()
}

func (w *watcher) wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *watcher) close() {
	w.closed = true
	w.wake()
}

// Watch yields the tuples that are there as Found, and then every change, the node's
// own among them, until ctx ends or the node is closed. A reader that is slow misses
// steps, but not the outcome: what waits for it is bounded by the number of keys.
func (n *Node) Watch(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		w := n.attach()
		defer n.detach(w)
		for {
			e, ok := n.next(ctx, w)
			if !ok || !yield(e) {
				return
			}
		}
	}
}

func (n *Node) attach() *watcher {
	w := &watcher{told: map[string]Tuple{}, waiting: map[string]bool{}, news: make(chan struct{}, 1)}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range n.core.Keys() {
		w.mark(key)
	}
	n.watchers[w] = struct{}{}
	if n.closed {
		w.close()
	}
	return w
}

func (n *Node) detach(w *watcher) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.watchers, w)
}

// next waits for an event.
func (n *Node) next(ctx context.Context, w *watcher) (Event, bool) {
	for {
		e, ok, closed := n.take(w)
		if closed || ctx.Err() != nil {
			return Event{}, false
		}
		if ok {
			return e, true
		}
		select {
		case <-w.news:
		case <-ctx.Done():
		}
	}
}

// take compares what a watcher was told with what is, key by key, until there is a
// difference.
func (n *Node) take(w *watcher) (e Event, ok, closed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(w.queue) > 0 && !w.closed {
		key := w.queue[0]
		w.queue = w.queue[1:]
		delete(w.waiting, key)
		t, is := n.core.Get(key)
		now := Tuple{t.Key, t.Value, t.Until}
		old, was := w.told[key]
		switch {
		case is && (!was || old.Value != now.Value):
			w.told[key] = now
			kind := Found
			if was {
				kind = Changed
			}
			return Event{kind, now}, true, false
		case was && !is:
			delete(w.told, key)
			return Event{Lost, old}, true, false
		}
	}
	return Event{}, false, w.closed
}
