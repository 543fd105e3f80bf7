// Package feed tells readers how a set of values changes, without ever making the
// writer wait and without a queue that can grow: a reader that is slow is told the
// outcome of what it has missed, not every step.
package feed

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// A Kind says what has happened to a key.
type Kind uint8

// The kinds of a Change.
const (
	Found   Kind = iota + 1 // the key is new to this reader
	Changed                 // its value is another than the reader was told last
	Lost                    // it has gone; Value is what the reader was told last
)

// A Change is one step of a reader from what it knew to what is.
type Change[K comparable, V any] struct {
	Kind  Kind
	Key   K
	Value V
}

// A Feed is a set of values under keys, with readers. Its methods may be called
// from any goroutine.
type Feed[K comparable, V any] struct {
	equal func(a, b V) bool
	done  chan struct{} // closed by Close

	mu      sync.Mutex
	now     map[K]V                    // guarded by mu
	order   []K                        // guarded by mu; the keys of now, oldest first, for a new reader
	readers map[*reader[K, V]]struct{} // guarded by mu
	closed  bool                       // guarded by mu
}

// New makes an empty feed. Values that equal holds for are not told twice.
func New[K comparable, V any](equal func(a, b V) bool) *Feed[K, V] {
	return &Feed[K, V]{
		equal: equal, done: make(chan struct{}),
		now: make(map[K]V), readers: make(map[*reader[K, V]]struct{}),
	}
}

// Set gives key the value v, which belongs to the feed and all its readers from
// then on: nobody may change what it points to.
func (f *Feed[K, V]) Set(key K, v V) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, known := f.now[key]
	if known && f.equal(old, v) {
		return
	}
	if !known {
		f.order = append(f.order, key)
	}
	f.now[key] = v
	f.mark(key)
}

// Delete removes key.
func (f *Feed[K, V]) Delete(key K) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.now[key]; !known {
		return
	}
	delete(f.now, key)
	i := slices.Index(f.order, key)
	f.order = slices.Delete(f.order, i, i+1)
	f.mark(key)
}

// mark tells all readers that key is worth a look. The caller holds mu.
func (f *Feed[K, V]) mark(key K) {
	for r := range f.readers {
		r.mark(key)
	}
}

// Len returns the number of keys.
func (f *Feed[K, V]) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.now)
}

// Value returns what key has.
func (f *Feed[K, V]) Value(key K) (V, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.now[key]
	return v, ok
}

// Values returns all values, the longest known first.
func (f *Feed[K, V]) Values() []V {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]V, 0, len(f.order))
	for _, key := range f.order {
		list = append(list, f.now[key])
	}
	return list
}

// Close ends all readers. The values stay readable.
func (f *Feed[K, V]) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.closed = true
		close(f.done)
	}
}

// Watch yields what is there as Found, and from then on every change, until ctx
// ends or the feed is closed.
func (f *Feed[K, V]) Watch(ctx context.Context) iter.Seq[Change[K, V]] {
	return func(yield func(Change[K, V]) bool) {
		r := f.open()
		defer f.drop(r)
		for {
			change, ok := f.next(ctx, r)
			if !ok || !yield(change) {
				return
			}
		}
	}
}

func (f *Feed[K, V]) open() *reader[K, V] {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &reader[K, V]{told: make(map[K]V), waiting: make(map[K]struct{}), ready: make(chan struct{}, 1)}
	for _, key := range f.order {
		r.mark(key)
	}
	f.readers[r] = struct{}{}
	return r
}

func (f *Feed[K, V]) drop(r *reader[K, V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.readers, r)
}

// next waits for a change. It returns false as soon as ctx or the feed has ended.
func (f *Feed[K, V]) next(ctx context.Context, r *reader[K, V]) (Change[K, V], bool) {
	for {
		select {
		case <-ctx.Done():
			return Change[K, V]{}, false
		case <-f.done:
			return Change[K, V]{}, false
		default:
		}
		if change, ok := f.take(r); ok {
			return change, true
		}
		select {
		case <-r.ready:
		case <-ctx.Done():
		case <-f.done:
		}
	}
}

// take compares what the reader was told with what is, key by key, until there
// is a difference.
func (f *Feed[K, V]) take(r *reader[K, V]) (Change[K, V], bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(r.dirty) > 0 {
		key := r.pop()
		value, is := f.now[key]
		old, was := r.told[key]
		switch {
		case is && !was:
			r.told[key] = value
			return Change[K, V]{Found, key, value}, true
		case is && !f.equal(old, value):
			r.told[key] = value
			return Change[K, V]{Changed, key, value}, true
		case was && !is:
			delete(r.told, key)
			return Change[K, V]{Lost, key, old}, true
		}
	}
	return Change[K, V]{}, false
}

// A reader is what one Watch knows. All of it is guarded by the feed's mu.
type reader[K comparable, V any] struct {
	told    map[K]V
	dirty   []K            // keys to look at, in the order in which they changed
	waiting map[K]struct{} // the keys in dirty
	ready   chan struct{}  // holds a token while dirty may not be empty
}

func (r *reader[K, V]) mark(key K) {
	if _, is := r.waiting[key]; !is {
		r.waiting[key] = struct{}{}
		r.dirty = append(r.dirty, key)
	}
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

func (r *reader[K, V]) pop() K {
	key := r.dirty[0]
	r.dirty = r.dirty[1:]
	delete(r.waiting, key)
	return key
}
