package feed

import (
	"context"
	"iter"
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

// A Keyed is a set of values under keys, with readers that are told as events E
// how it changes. Its methods may be called from any goroutine; none waits for a
// reader. What waits for a reader is bounded by the number of keys.
type Keyed[K comparable, V, E any] struct {
	hub   hub[E, *changes[K, V, E]]
	equal func(a, b V) bool
	event func(Change[K, V]) E

	// Guarded by hub.mu.
	now  map[K]*item[K, V]
	ends item[K, V] // a ring of the items of now, oldest first
}

// item is a key and what it has.
type item[K comparable, V any] struct {
	key        K
	value      V
	prev, next *item[K, V]
}

// NewKeyed makes a set that is empty. A value that equal holds for is not told
// again. event makes what readers are told; it is called with the set locked.
func NewKeyed[K comparable, V, E any](equal func(a, b V) bool, event func(Change[K, V]) E) *Keyed[K, V, E] {
	f := &Keyed[K, V, E]{
		hub:   newHub[E, *changes[K, V, E]](),
		equal: equal, event: event, now: make(map[K]*item[K, V]),
	}
	f.ends.prev, f.ends.next = &f.ends, &f.ends
	return f
}

// AsChange is the event of a Keyed whose readers are told Changes.
func AsChange[K comparable, V any](c Change[K, V]) Change[K, V] { return c }

// Set gives key the value v, which belongs to the set and all its readers from then
// on: nothing may change what it points to.
func (f *Keyed[K, V, E]) Set(key K, v V) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	it, known := f.now[key]
	switch {
	case f.hub.closed:
		return
	case known && f.equal(it.value, v): // not told, but it may hold more than equal looks at
		it.value = v
		return
	}
	if !known {
		it = &item[K, V]{key: key, prev: f.ends.prev, next: &f.ends}
		it.prev.next, it.next.prev = it, it
		f.now[key] = it
	}
	it.value = v
	f.mark(key)
}

// Delete removes key.
func (f *Keyed[K, V, E]) Delete(key K) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	it, known := f.now[key]
	if !known || f.hub.closed {
		return
	}
	it.prev.next, it.next.prev = it.next, it.prev
	delete(f.now, key)
	for r := range f.hub.readers {
		if _, was := r.backlog.told[key]; !was {
			r.backlog.unmark(key) // it came and went before the reader looked
			continue
		}
		r.backlog.mark(key)
		r.wake()
	}
}

// mark tells all readers that key is worth a look. The caller holds the lock.
func (f *Keyed[K, V, E]) mark(key K) {
	for r := range f.hub.readers {
		r.backlog.mark(key)
		r.wake()
	}
}

// Len returns the number of keys.
func (f *Keyed[K, V, E]) Len() int {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	return len(f.now)
}

// Value returns what key has.
func (f *Keyed[K, V, E]) Value(key K) (v V, ok bool) {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	if it, ok := f.now[key]; ok {
		return it.value, true
	}
	return v, false
}

// Values returns all values, the longest known first.
func (f *Keyed[K, V, E]) Values() []V {
	f.hub.mu.Lock()
	defer f.hub.mu.Unlock()
	list := make([]V, 0, len(f.now))
	for it := f.ends.next; it != &f.ends; it = it.next {
		list = append(list, it.value)
	}
	return list
}

// Close ends all subscriptions; the changes until then can still be read. The
// values stay as they are: Set and Delete have no effect from now on.
func (f *Keyed[K, V, E]) Close() { f.hub.close(func(*reader[E, *changes[K, V, E]]) {}) }

// Events returns a subscription: what is there at this call as Found, and from then
// on every change.
func (f *Keyed[K, V, E]) Events(ctx context.Context) iter.Seq[E] {
	return f.hub.subscribe(ctx, All, f.fill).seq()
}

// Chan is Events as a channel; the same ctx gives the same one.
func (f *Keyed[K, V, E]) Chan(ctx context.Context) <-chan E { return f.hub.channel(ctx, All, f.fill) }

// fill makes what waits for a new reader: all keys. The caller holds the lock.
func (f *Keyed[K, V, E]) fill() *changes[K, V, E] {
	c := &changes[K, V, E]{of: f, told: make(map[K]V), marked: make(map[K]uint64)}
	for it := f.ends.next; it != &f.ends; it = it.next {
		c.mark(it.key)
	}
	return c
}

// changes is what waits for one reader. The hub's lock guards it. It holds no more than
// a few entries for each key that there is or that the reader was told of, however
// often keys come and go.
type changes[K comparable, V, E any] struct {
	of     *Keyed[K, V, E]
	told   map[K]V
	dirty  ring[look[K]] // what to look at, in the order in which it changed
	marked map[K]uint64  // the number of a key's look that counts
	number uint64
}

// look is a key to look at. It counts while marked has its number.
type look[K comparable] struct {
	key    K
	number uint64
}

func (c *changes[K, V, E]) mark(key K) {
	if _, is := c.marked[key]; !is {
		c.number++
		c.marked[key] = c.number
		c.dirty.push(look[K]{key, c.number})
	}
}

// spareLooks is how many looks that count no more may stand in dirty beside as many as
// count.
const spareLooks = 16

// unmark takes a key back.
func (c *changes[K, V, E]) unmark(key K) {
	delete(c.marked, key)
	if c.dirty.length <= 2*len(c.marked)+spareLooks {
		return
	}
	for range c.dirty.length {
		if l := c.dirty.pop(); c.marked[l.key] == l.number {
			c.dirty.push(l)
		}
	}
}

// take compares what the reader was told with what is, key by key, until there is a
// difference.
func (c *changes[K, V, E]) take() (e E, ok, more bool) {
	for c.dirty.length > 0 {
		l := c.dirty.pop()
		if c.marked[l.key] != l.number {
			continue
		}
		delete(c.marked, l.key)
		if change, is := c.step(l.key); is {
			return c.of.event(change), true, c.dirty.length > 0
		}
	}
	return e, false, false
}

// step is the difference of one key, if there is one.
func (c *changes[K, V, E]) step(key K) (Change[K, V], bool) {
	it, is := c.of.now[key]
	old, was := c.told[key]
	switch {
	case is && !was:
		c.told[key] = it.value
		return Change[K, V]{Found, key, it.value}, true
	case is && !c.of.equal(old, it.value):
		c.told[key] = it.value
		return Change[K, V]{Changed, key, it.value}, true
	case was && !is:
		delete(c.told, key)
		return Change[K, V]{Lost, key, old}, true
	}
	return Change[K, V]{}, false
}
