package beacon

import (
	"context"
	"iter"
	"net/netip"
	"sync"
	"time"
)

// A Signal is one beacon that was heard. It belongs to the iterator that yielded
// it, which may keep and change Data.
type Signal struct {
	From      netip.AddrPort // the sender; a link-local IPv6 address has its zone
	Interface string         // the interface on which it arrived
	Data      []byte
	Time      time.Time // when it was read from the network
}

// Beacons returns the signals that are heard from this call on, until ctx ends
// or the beacon is closed. Every call makes a stream of its own, with a queue of
// WithQueue signals; when that is full the oldest is dropped and counted, so a
// slow reader delays nobody.
//
// Leaving the loop gives the queue up. Ranging again over the same iterator
// starts a new stream.
func (b *Beacon) Beacons(ctx context.Context) iter.Seq[Signal] {
	first := b.streams.open(ctx, b.config.queue)
	var once sync.Once
	return func(yield func(Signal) bool) {
		var s *stream
		once.Do(func() { s = first })
		if s == nil {
			s = b.streams.open(ctx, b.config.queue)
		}
		defer b.streams.close(s)
		for {
			signal, ok := s.next(ctx, b.done)
			if !ok || !yield(signal) {
				return
			}
		}
	}
}

// streams is the set of queues that a signal is copied to.
type streams struct {
	mu  sync.Mutex
	set map[*stream]struct{} // guarded by mu
}

func (ss *streams) open(ctx context.Context, limit int) *stream {
	s := &stream{ctx: ctx, limit: limit, ready: make(chan struct{}, 1)}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.set == nil {
		ss.set = make(map[*stream]struct{})
	}
	ss.set[s] = struct{}{}
	return s
}

func (ss *streams) close(s *stream) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	delete(ss.set, s)
}

// deliver gives every stream its own copy of the signal and returns how many
// older signals had to go. It also forgets the streams whose context has ended:
// one that was opened and never ranged over has nobody else to do it.
func (ss *streams) deliver(signal Signal) (lost int) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for s := range ss.set {
		if s.ctx.Err() != nil {
			delete(ss.set, s)
			continue
		}
		own := signal
		own.Data = append([]byte{}, signal.Data...)
		if !s.put(own) {
			lost++
		}
	}
	return lost
}

// A stream is the bounded queue of one iterator.
type stream struct {
	ctx   context.Context // whose end makes the stream garbage
	limit int
	ready chan struct{} // holds a token while there may be something to take

	mu     sync.Mutex
	queue  []Signal // guarded by mu; a ring that grows up to limit
	head   int      // guarded by mu; where the oldest signal is
	length int      // guarded by mu
}

// put adds a signal; false says that the oldest was dropped for it.
func (s *stream) put(signal Signal) bool {
	s.mu.Lock()
	kept := s.length < s.limit
	switch {
	case !kept:
		s.head = (s.head + 1) % len(s.queue)
		s.length--
	case s.length == len(s.queue):
		s.grow()
	}
	s.queue[(s.head+s.length)%len(s.queue)] = signal
	s.length++
	s.mu.Unlock()
	select {
	case s.ready <- struct{}{}:
	default:
	}
	return kept
}

func (s *stream) grow() {
	bigger := make([]Signal, min(s.limit, max(16, 2*len(s.queue))))
	n := copy(bigger, s.queue[s.head:])
	copy(bigger[n:], s.queue[:s.head])
	s.queue, s.head = bigger, 0
}

func (s *stream) take() (Signal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.length == 0 {
		return Signal{}, false
	}
	signal := s.queue[s.head]
	s.queue[s.head] = Signal{} // its bytes now belong to the reader alone
	s.head = (s.head + 1) % len(s.queue)
	s.length--
	return signal, true
}

// next waits for a signal. It returns false as soon as ctx or the beacon has
// ended, whatever is still queued: under a storm there would always be more.
func (s *stream) next(ctx context.Context, done <-chan struct{}) (Signal, bool) {
	for {
		select {
		case <-ctx.Done():
			return Signal{}, false
		case <-done:
			return Signal{}, false
		default:
		}
		if signal, ok := s.take(); ok {
			return signal, true
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
		case <-done:
		}
	}
}
