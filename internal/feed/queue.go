package feed

import (
	"context"
	"iter"
	"sync/atomic"
)

// Config says how a Queue treats its events. Only Limit must be set.
type Config[T any] struct {
	// Limit is how many events wait for one reader.
	Limit int
	// MaxBytes bounds the sum of Size over them; 0 is no bound. An event that is
	// larger than that by itself is let in when nothing else waits.
	MaxBytes int
	Size     func(T) int
	// DropOldest makes room for a new event by dropping the oldest. Otherwise the
	// new event is dropped.
	DropOldest bool
	// Keep holds for events that matter more: they are dropped only when twice
	// Limit wait, whatever their bytes. It has no meaning with DropOldest.
	Keep func(T) bool
	// Of says whose an event is. The events of one wait in a line of their own and come in
	// their order; the reader is told of the lines in turn. Where there is no room, an event
	// of one that has less than an equal share gets in, and who has most loses its newest
	// that Keep does not hold for. Without it all wait in one line; it has no meaning with
	// DropOldest.
	Of func(T) Key
	// Missed makes the event that stands where n events are missing. Without it
	// they are only counted.
	Missed func(n uint64) T
	// Kind is the bit of an event that a reader's mask is compared with. Without it
	// every reader is told everything.
	Kind func(T) uint64
	// Copy makes a copy for another reader. Without it readers share what an event
	// points to.
	Copy func(T) T
	// Now returns what a new reader is told first. It is called by Events and Chan
	// with the feed locked, so it must not call the feed; a caller that holds a
	// lock of its own around Publish, Events and Chan may read there what it guards.
	Now func() []T
}

// A Queue hands every event to every reader. Its methods may be called from any
// goroutine; none waits for a reader.
type Queue[T any] struct {
	hub    hub[T, *waiting[T]]
	config Config[T]
	lost   atomic.Uint64
}

// NewQueue makes a Queue without readers.
func NewQueue[T any](c Config[T]) *Queue[T] {
	return &Queue[T]{hub: newHub[T, *waiting[T]](), config: c}
}

// Wanted reports whether any reader wants events with a bit of kinds. It costs one
// atomic load, so it may be asked before an event is made.
func (q *Queue[T]) Wanted(kinds uint64) bool { return q.hub.wanted.Load()&kinds != 0 }

// Lost is how many events did not reach a reader, over all readers, because the
// reader was slow.
func (q *Queue[T]) Lost() uint64 { return q.lost.Load() }

// Publish gives v to every reader that wants it, in the order of the calls. What v
// points to belongs to the readers from then on. Without readers it costs one
// atomic load. After Close it does nothing.
func (q *Queue[T]) Publish(v T) {
	kind := q.kind(v)
	if !q.Wanted(kind) {
		return
	}
	q.hub.mu.Lock()
	defer q.hub.mu.Unlock()
	q.each(kind, v, func(r *reader[T, *waiting[T]], own func() T) {
		if lost := r.backlog.put(v, own); lost > 0 {
			q.lost.Add(uint64(lost))
		}
		r.wake()
	})
}

func (q *Queue[T]) kind(v T) uint64 {
	if q.config.Kind == nil {
		return All
	}
	return q.config.Kind(v)
}

// each calls fn for the readers that want kind, with a function that makes the
// reader's own v: the first to ask gets v itself. The caller holds the hub's lock.
func (q *Queue[T]) each(kind uint64, v T, fn func(r *reader[T, *waiting[T]], own func() T)) {
	given := false
	own := func() T {
		if given && q.config.Copy != nil {
			return q.config.Copy(v)
		}
		given = true
		return v
	}
	for r := range q.hub.readers {
		if r.mask&kind != 0 {
			fn(r, own)
		}
	}
}

// Events returns a subscription to everything that is published from this call on.
func (q *Queue[T]) Events(ctx context.Context) iter.Seq[T] { return q.EventsOf(ctx, All) }

// EventsOf is Events for events with a bit of mask.
func (q *Queue[T]) EventsOf(ctx context.Context, mask uint64) iter.Seq[T] {
	return q.hub.subscribe(ctx, mask, q.filler(mask)).seq()
}

// Chan is Events as a channel; the same ctx gives the same one.
func (q *Queue[T]) Chan(ctx context.Context) <-chan T { return q.ChanOf(ctx, All) }

// ChanOf is Chan for events with a bit of mask; the same ctx and mask give the same
// channel.
func (q *Queue[T]) ChanOf(ctx context.Context, mask uint64) <-chan T {
	return q.hub.channel(ctx, mask, q.filler(mask))
}

// filler makes what waits for a new reader.
func (q *Queue[T]) filler(mask uint64) func() *waiting[T] {
	return func() *waiting[T] {
		w := &waiting[T]{config: &q.config}
		if q.config.Now == nil {
			return w
		}
		for _, v := range q.config.Now() {
			if q.kind(v)&mask == 0 {
				continue
			}
			if lost := w.put(v, func() T { return v }); lost > 0 {
				q.lost.Add(uint64(lost))
			}
		}
		return w
	}
}

// Close ends all subscriptions. What waits can still be read, and after it last,
// which no bound holds back.
func (q *Queue[T]) Close(last ...T) {
	q.hub.close(func(r *reader[T, *waiting[T]]) {
		for _, v := range last {
			if r.mask&q.kind(v) != 0 {
				r.backlog.push(v)
			}
		}
	})
}
