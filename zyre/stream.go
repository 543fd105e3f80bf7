package zyre

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
)

// maxQueueBytes bounds the messages that wait in one stream.
const maxQueueBytes = 64 << 20

// stream is the queue of one reader of events.
type stream struct {
	most int
	lost *atomic.Uint64 // the node's count

	mu     sync.Mutex // guards what follows; never held while anything else is taken
	queue  []Event
	bytes  int
	closed bool
	news   chan struct{} // a token when there may be something
}

func newStream(most int, lost *atomic.Uint64) *stream {
	return &stream{most: most, lost: lost, news: make(chan struct{}, 1)}
}

// push puts an event at the end, or a note that one is missing. It never waits.
func (s *stream) push(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	size := e.Msg.Size()
	switch full := len(s.queue) >= s.most || s.bytes+size > maxQueueBytes; {
	case full && (e.message() || len(s.queue) >= 2*s.most):
		s.miss()
	default:
		s.queue = append(s.queue, e)
		s.bytes += size
	}
	s.wake()
}

// miss notes an event that is not there.
func (s *stream) miss() {
	s.lost.Add(1)
	if last := len(s.queue) - 1; last >= 0 && s.queue[last].Kind == Lost {
		s.queue[last].Missing++
		return
	}
	s.queue = append(s.queue, Event{Kind: Lost, Missing: 1})
}

func (s *stream) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// pop takes the first event.
func (s *stream) pop() (e Event, ok, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return e, false, s.closed
	}
	e = s.queue[0]
	s.queue[0] = Event{}
	s.queue = s.queue[1:]
	s.bytes -= e.Msg.Size()
	return e, true, false
}

// close ends the stream: what is queued can still be taken.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.wake()
}

// next waits for an event; false means that there will be none, or that ctx has
// ended.
func (s *stream) next(ctx context.Context) (Event, bool) {
	for {
		e, ok, closed := s.pop()
		if ok || closed {
			return e, ok
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return Event{}, false
		}
	}
}

// Events returns the events from this call on, until ctx ends or the node is
// stopped; the EXITs of that are the last ones. Peers that are there already enter
// first. Every call makes a stream of its own: call it before Start to miss nothing.
//
// Leaving the loop gives the stream up. Ranging again over the same iterator starts
// a new one.
func (n *Node) Events(ctx context.Context) iter.Seq[Event] {
	var first atomic.Pointer[stream]
	first.Store(n.attach())
	unused := context.AfterFunc(ctx, func() { n.detach(first.Swap(nil)) })
	return func(yield func(Event) bool) {
		unused()
		s := first.Swap(nil)
		if s == nil {
			s = n.attach()
		}
		defer n.detach(s)
		for {
			e, ok := s.next(ctx)
			if !ok || !yield(e) {
				return
			}
		}
	}
}

// Chan returns a channel of the events from this call on, as Events does, for use in
// a select. It is closed when ctx ends, or when the node has stopped and all is
// received: whoever stops receiving before must end ctx.
func (n *Node) Chan(ctx context.Context) <-chan Event {
	c := make(chan Event)
	s := n.attach()
	go n.pump(ctx, s, c)
	return c
}

// pump is owned by ctx, and by the node, which closes s.
func (n *Node) pump(ctx context.Context, s *stream, c chan<- Event) {
	defer close(c)
	defer n.detach(s)
	for {
		e, ok := s.next(ctx)
		if !ok {
			return
		}
		select {
		case c <- e:
		case <-ctx.Done():
			return
		}
	}
}

// attach makes a stream that begins with the peers that are there.
func (n *Node) attach() *stream {
	s := newStream(n.config.queue, &n.lost)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended {
		s.close()
		return s
	}
	for _, p := range n.core.Peers() {
		enter := newPeer(p)
		s.push(Event{Kind: Enter, Peer: enter.ID, Name: p.Name, Headers: p.Headers, Endpoint: enter.Endpoint, Key: p.Key})
		for _, g := range p.Groups {
			s.push(Event{Kind: Join, Peer: enter.ID, Name: p.Name, Group: g})
		}
	}
	n.streams[s] = struct{}{}
	return s
}

func (n *Node) detach(s *stream) {
	if s == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.streams, s)
}
