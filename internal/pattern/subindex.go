package pattern

import (
	"hash/maphash"
	"maps"
	"math"
	"math/bits"
	"slices"
)

// SubIndex tells a publisher which subscribers want a message: those with a
// topic that is a prefix of the message's first frame ([SubIndex.Match]), or those of
// one group ([SubIndex.Exact]). The zero value is ready.
//
// The cost of Match does not grow with the number of topics. Those of up to
// headLen bytes cost five looks at a filter at most, and one look into a table
// for each length that passes it; longer ones cost a walk along the frame.
type SubIndex[T any] struct {
	topics topicSet[subscribers[T]]
	all    map[*Subscriber[T]]struct{} // those that have topics
	places int                         // topics of all subscribers together
	round  uint64                      // the stamp of the Match going on

	// The last Match, if nothing has changed since: the topics and their subscribers.
	changed bool
	matched []*subNode[T]
	list    []*Subscriber[T]
	nodes   []*subNode[T] // scratch
	spare   []*Subscriber[T]
	name    []byte
	leaving int // subscribers of which RemoveSome has more to remove
	parts   int // subscribers that are a part of another one
}

// Subscriber is one peer with its topics. It belongs to one index.
type Subscriber[T any] struct {
	Value T
	// Of is set, before there are topics, where this is a part of another subscriber, which
	// has none of its own: Match finds that one, once for all parts. So what a peer has can
	// be removed in parts.
	Of *Subscriber[T]

	round   uint64 // the last Match that found it
	leaving bool   // it is being removed, and no longer found
	few     []place[T]
	many    shrinkMap[*subNode[T], uint32] // instead of few, beyond fewMax
}

type subNode[T any] = topicNode[subscribers[T]]

// place says where in the list of a topic a subscriber stands, so that it
// leaves without a search.
type place[T any] struct {
	node *subNode[T]
	at   uint32
}

// fewMax is how many topics a subscriber has before they are worth a map.
const fewMax = 8

// subscribers are those of one topic. Most topics have one, which needs no
// list.
type subscribers[T any] struct {
	one  [1]*Subscriber[T]
	list *[]*Subscriber[T] // all of them, when there are more than one
}

// Add enters a topic of s. first says that nobody had it before, added that s
// had not: a subscriber has a topic once, however often it asks.
func (x *SubIndex[T]) Add(topic []byte, s *Subscriber[T]) (first, added bool) {
	n := x.topics.insert(topic)
	if _, has := s.place(n); has {
		return false, false
	}
	x.alter()
	at := n.value.add(s)
	x.places++
	if s.topics() == 0 {
		x.enter(s)
	}
	s.put(n, at)
	return at == 0, true
}

func (x *SubIndex[T]) enter(s *Subscriber[T]) {
	if x.all == nil {
		x.all = map[*Subscriber[T]]struct{}{}
	}
	x.all[s] = struct{}{}
	if s.Of != nil {
		x.parts++
	}
}

func (x *SubIndex[T]) quit(s *Subscriber[T]) {
	if _, there := x.all[s]; there && s.Of != nil {
		x.parts--
	}
	if delete(x.all, s); len(x.all) == 0 {
		x.all = nil // a map keeps the room that it once had
	}
}

// Remove takes a topic from s. last says that nobody has it any more, removed
// that s had it.
func (x *SubIndex[T]) Remove(topic []byte, s *Subscriber[T]) (last, removed bool) {
	n := x.topics.find(topic)
	if n == nil {
		return false, false
	}
	at, has := s.place(n)
	if !has {
		return false, false
	}
	if s.drop(n); s.topics() == 0 {
		x.quit(s)
	}
	return x.leave(n, at), true
}

// RemoveAll takes every topic from s and reports each to fn, which may be nil,
// must not call the index and must not keep topic. The order is not defined.
func (x *SubIndex[T]) RemoveAll(s *Subscriber[T], fn func(topic []byte, last bool)) {
	for x.RemoveSome(s, math.MaxInt, fn) {
	}
}

// RemoveSome is a part of RemoveAll: it takes most topics at a time, and answers
// true while there are more. From the first time on s is found by no Match. Until
// the last, nothing is added to s or removed otherwise.
func (x *SubIndex[T]) RemoveSome(s *Subscriber[T], most int, fn func(topic []byte, last bool)) (more bool) {
	if !s.leaving {
		s.leaving = true
		x.leaving++
		x.alter()
	}
	for len(s.few) > 0 {
		p := s.few[len(s.few)-1]
		s.few = s.few[:len(s.few)-1]
		x.takeOut(p.node, p.at, fn)
	}
	x.topics.lazy = true // to be renewed once is enough
	for n, at := range s.many.m {
		if most--; most < 0 {
			return true
		}
		delete(s.many.m, n)
		x.takeOut(n, at, fn)
	}
	for x.topics.lazy = false; x.topics.tend(); most -= tendSteps {
		if most < 0 {
			return true
		}
	}
	s.few, s.many = nil, shrinkMap[*subNode[T], uint32]{}
	s.leaving = false
	x.leaving--
	x.quit(s)
	return false
}

// takeOut is leave, and reports.
func (x *SubIndex[T]) takeOut(n *subNode[T], at uint32, fn func(topic []byte, last bool)) {
	if fn != nil {
		x.name = n.appendName(x.name[:0])
	}
	last := x.leave(n, at)
	if fn != nil {
		fn(x.name, last)
	}
}

// leave takes the subscriber at a place out of a topic's list, and the topic
// out of the index if it was the last.
func (x *SubIndex[T]) leave(n *subNode[T], at uint32) (last bool) {
	x.alter()
	x.places--
	if moved := n.value.remove(at); moved != nil {
		moved.put(n, at)
	}
	if len(n.value.all()) > 0 {
		return false
	}
	x.topics.remove(n)
	return true
}

// Match finds the subscribers that want a message with this first frame, each
// once. same says that the last Match found these very ones: a publisher that
// sends to the same peers all the time need not go through them each time. The
// list is the index's, and good until its next method is called.
func (x *SubIndex[T]) Match(frame []byte) (list []*Subscriber[T], same bool) {
	x.nodes = x.nodes[:0]
	x.topics.match(frame, func(n *subNode[T]) bool {
		x.nodes = append(x.nodes, n)
		return true
	})
	if !x.changed && slices.Equal(x.nodes, x.matched) {
		return x.list, true
	}
	x.changed = false
	x.nodes, x.matched = x.matched, x.nodes
	x.spare = x.gather(x.spare[:0], x.matched)
	if slices.Equal(x.spare, x.list) {
		return x.list, true
	}
	x.list, x.spare = x.spare, x.list
	clear(x.spare)
	return x.list, false
}

// Exact finds the subscribers of this very topic, which is how groups are found (RFC 48).
// The list is the index's, and good until its next method is called.
func (x *SubIndex[T]) Exact(topic []byte) []*Subscriber[T] {
	n := x.topics.find(topic)
	if n == nil {
		return nil
	}
	list := n.value.all()
	if x.leaving > 0 && slices.ContainsFunc(list, isLeaving[T]) {
		return slices.DeleteFunc(slices.Clone(list), isLeaving[T])
	}
	return list
}

func isLeaving[T any](s *Subscriber[T]) bool { return s.leaving }

// alter forgets the last Match: what it found may be gone.
func (x *SubIndex[T]) alter() {
	if x.changed {
		return
	}
	x.changed = true
	clear(x.list)
	clear(x.spare)
	clear(x.nodes[:cap(x.nodes)])
	clear(x.matched[:cap(x.matched)])
	x.list, x.matched = x.list[:0], x.matched[:0]
}

// gather appends the subscribers of the topics, each once.
func (x *SubIndex[T]) gather(dst []*Subscriber[T], topics []*subNode[T]) []*Subscriber[T] {
	if len(topics) == 1 && x.leaving == 0 && x.parts == 0 { // most often: no need to look for doubles
		return append(dst, topics[0].value.all()...)
	}
	x.round++
	for _, n := range topics {
		for _, s := range n.value.all() {
			if s.leaving {
				continue
			}
			if s.Of != nil {
				s = s.Of
			}
			if s.round != x.round {
				s.round = x.round
				dst = append(dst, s)
			}
		}
	}
	return dst
}

// Topics is the number of different topics.
func (x *SubIndex[T]) Topics() int { return x.topics.count }

// All calls fn for each topic that a target has, in no order. fn must not change
// the index.
func (x *SubIndex[T]) All(fn func(topic []byte)) {
	x.topics.each(func(n *subNode[T]) { fn(n.appendName(nil)) })
}

// Subscribers is how many would get a message with this first frame.
func (x *SubIndex[T]) Subscribers(frame []byte) int {
	list, _ := x.Match(frame)
	n := len(list)
	x.alter() // keeps no peer alive
	return n
}

func (s *Subscriber[T]) place(n *subNode[T]) (at uint32, has bool) {
	for _, p := range s.few {
		if p.node == n {
			return p.at, true
		}
	}
	at, has = s.many.m[n]
	return at, has
}

// put notes where s stands in the list of n, for the first time or anew.
func (s *Subscriber[T]) put(n *subNode[T], at uint32) {
	for i := range s.few {
		if s.few[i].node == n {
			s.few[i].at = at
			return
		}
	}
	if s.many.m == nil && len(s.few) < fewMax {
		s.few = append(s.few, place[T]{n, at})
		return
	}
	for _, p := range s.few {
		s.many.put(p.node, p.at)
	}
	s.few = nil
	s.many.put(n, at)
}

func (s *Subscriber[T]) drop(n *subNode[T]) {
	for i, p := range s.few {
		if p.node == n {
			end := len(s.few) - 1
			s.few[i] = s.few[end]
			s.few[end] = place[T]{}
			s.few = s.few[:end]
			return
		}
	}
	s.many.drop(n)
}

// all is every subscriber of the topic; it is not to be changed.
func (l *subscribers[T]) all() []*Subscriber[T] {
	switch {
	case l.list != nil:
		return *l.list
	case l.one[0] == nil:
		return nil
	}
	return l.one[:]
}

// add returns the place that s got.
func (l *subscribers[T]) add(s *Subscriber[T]) uint32 {
	switch {
	case l.list != nil:
		*l.list = append(*l.list, s)
	case l.one[0] == nil:
		l.one[0] = s
	default:
		l.list = &[]*Subscriber[T]{l.one[0], s}
		l.one[0] = nil
	}
	return uint32(len(l.all()) - 1)
}

// remove fills the place with the last of the list, and returns that one
// unless it was the one to go.
func (l *subscribers[T]) remove(at uint32) (moved *Subscriber[T]) {
	if l.list == nil {
		l.one[0] = nil
		return nil
	}
	all := *l.list
	end := len(all) - 1
	if int(at) != end {
		moved = all[end]
		all[at] = moved
	}
	all[end] = nil
	all = all[:end]
	switch {
	case end == 1:
		l.one[0], l.list = all[0], nil
	case end < cap(all)/4:
		*l.list = append(make([]*Subscriber[T], 0, 2*end), all...)
	default:
		*l.list = all
	}
	return moved
}

// anchor is a length at which the filter looks at texts, for the lengths of
// its span.
type anchor struct {
	length int
	span   uint64 // bit length-1
}

// anchorOf has the anchor of each length, at length-1.
var anchorOf = func() (of [headLen]anchor) {
	starts := []int{1, 4, 8, 16, 32, headLen + 1}
	for i, start := range starts[:len(starts)-1] {
		end := starts[i+1]
		a := anchor{start, (1<<(end-start) - 1) << (start - 1)}
		for size := start; size < end; size++ {
			of[size-1] = a
		}
	}
	return of
}()

// lengthFilter says which lengths a topic may have that begins as a frame
// does. It has one byte for the hash of a topic's first bytes, up to the
// anchor of its length, and in it the bit of the length modulo 8; and another
// in the same way for the whole topic, so that many topics with one beginning
// do not let every frame through that has it too. A frame that nobody wants
// mostly costs one look at a table small enough for a cache. Topics that share
// a byte only cost a look in vain.
type lengthFilter struct {
	seed  maphash.Seed
	cells []uint8 // a power of two of them
	next  []uint8 // what will replace cells, nil when nothing will
	done  int     // how many heads are marked in next
	stale int     // removals since cells or next were begun
}

const (
	minCells  = 64
	tendSteps = 8
)

// fits reports whether the cells are neither crowded nor full of marks of
// topics long gone, which is also when there are too many cells.
func (f *lengthFilter) fits(n int) bool {
	return 2*n <= len(f.cells) && f.stale <= n+minCells
}

func (f *lengthFilter) renew(n int) {
	if f.cells == nil {
		f.seed = maphash.MakeSeed()
		f.cells = make([]uint8, minCells)
	}
	f.next = make([]uint8, max(minCells, 1<<bits.Len(uint(4*n-1))))
	f.done, f.stale = 0, 0
}

// lengths are those, as bits of length-1, that topics which begin with prefix
// may have.
func (f *lengthFilter) lengths(prefix []byte) uint64 {
	h := maphash.Bytes(f.seed, prefix)
	return uint64(f.cells[h&uint64(len(f.cells)-1)]) * 0x0101010101010101
}

// note marks a new head. A renewal comes to it by itself, as it is the last in
// order.
func (f *lengthFilter) note(label string) {
	if f.cells != nil {
		f.mark(f.cells, label)
	}
}

// has reports whether this very text may be a topic.
func (f *lengthFilter) has(text []byte) bool {
	return f.lengths(text)>>(len(text)-1)&1 != 0
}

func (f *lengthFilter) mark(cells []uint8, label string) {
	bit := len(label) - 1
	mask := uint64(len(cells) - 1)
	cells[maphash.String(f.seed, label[:anchorOf[bit].length])&mask] |= 1 << (bit & 7)
	cells[maphash.String(f.seed, label)&mask] |= 1 << (bit & 7)
}

// forget counts a head that went. Its marks stay, but the head that took its
// slot needs one if the renewal has passed there already.
func (f *lengthFilter) forget(passed bool, successor string) {
	f.stale++
	if f.next != nil && passed {
		f.mark(f.next, successor)
	}
}

// shrinkMap is a map that gives memory back: Go's own keeps what it once had.
type shrinkMap[K comparable, V any] struct {
	m    map[K]V
	peak int
}

func (s *shrinkMap[K, V]) put(k K, v V) {
	if s.m == nil {
		s.m = make(map[K]V)
	}
	s.m[k] = v
	s.peak = max(s.peak, len(s.m))
}

func (s *shrinkMap[K, V]) drop(k K) {
	delete(s.m, k)
	switch n := len(s.m); {
	case n == 0:
		*s = shrinkMap[K, V]{}
	case n < s.peak/4:
		m := make(map[K]V, n)
		maps.Copy(m, s.m)
		s.m, s.peak = m, n
	}
}
