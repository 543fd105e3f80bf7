package pattern

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// SubCount is what a subscriber wants: its topics, each counted, because a
// topic that was asked for twice must be given up twice. The zero value is
// ready.
type SubCount struct {
	topics topicSet[counted]
	serial uint64 // of the last topic that was new
}

// counted is how often a topic was asked for, and when first.
type counted struct {
	times  int
	serial uint64
}

// Add asks for a topic once more; first says that it was not asked for before.
func (c *SubCount) Add(topic []byte) (first bool) {
	n := c.topics.insert(topic)
	if n.value.times++; n.value.times > 1 {
		return false
	}
	c.serial++
	n.value.serial = c.serial
	return true
}

// Remove gives a topic up once. known says that it was asked for, last that
// it is not any more.
func (c *SubCount) Remove(topic []byte) (last, known bool) {
	n := c.topics.find(topic)
	if n == nil {
		return false, false
	}
	if n.value.times--; n.value.times > 0 {
		return false, true
	}
	c.topics.remove(n)
	return true, true
}

// Match reports whether a message with this first frame is wanted.
func (c *SubCount) Match(frame []byte) bool {
	wanted := false
	c.topics.match(frame, func(*topicNode[counted]) bool {
		wanted = true
		return false
	})
	return wanted
}

// All calls fn for each topic once, in the order in which they were first
// asked for. fn must not change the set.
func (c *SubCount) All(fn func(topic []byte)) {
	for _, n := range c.inOrder() {
		fn(n.appendName(nil))
	}
}

func (c *SubCount) inOrder() []*topicNode[counted] {
	all := make([]*topicNode[counted], 0, c.Len())
	c.topics.each(func(n *topicNode[counted]) { all = append(all, n) })
	slices.SortFunc(all, func(a, b *topicNode[counted]) int {
		return cmp.Compare(a.value.serial, b.value.serial)
	})
	return all
}

// Len is the number of different topics.
func (c *SubCount) Len() int { return c.topics.count }

// headLen is the length up to which topics are found by their whole text.
// Longer ones hang as a tree on the node of their first headLen bytes. It is
// 64 because then the lengths in use are the bits of one word.
const headLen = 64

// scanMax is how many heads are compared one by one before hashing is faster.
const scanMax = 8

// topicSet is a set of topics that finds those which are a prefix of a frame.
// Up to headLen bytes it is a hash table, asked only for lengths that a filter
// lets through; beyond, a radix tree. Nothing in it recurses, so that no topic
// is deep enough to hurt. The zero value is empty.
type topicSet[P any] struct {
	count  int // topics, without nodes that only carry others
	empty  *topicNode[P]
	heads  map[string]*topicNode[P] // 1 to headLen bytes
	fresh  map[string]*topicNode[P] // what will replace heads when the filter is renewed; or nil
	peak   int                      // most heads that the map has held
	lazy   bool                     // nothing is renewed for now
	order  []*topicNode[P]          // the same, at their slots
	sizes  [headLen]uint32          // heads by length-1
	lens   uint64                   // bit length-1: sizes is not 0
	filter lengthFilter
}

// topicNode is a topic, or a stretch of text that several share. For a head
// the label is the whole text, for a node of a tree what follows its parent's.
type topicNode[P any] struct {
	label string
	value P
	tree  *topicTree[P] // nil for most heads
	slot  uint32        // of a head: its index in order
}

// topicTree is what a node needs that has longer topics below or is one.
type topicTree[P any] struct {
	bare  bool // carries others, is no topic itself
	up    *topicNode[P]
	first []byte // the first byte of each of next's labels
	next  []*topicNode[P]
}

func (n *topicNode[P]) isTopic() bool { return n.tree == nil || !n.tree.bare }
func (n *topicNode[P]) isHead() bool  { return n.tree == nil || n.tree.up == nil }
func (n *topicNode[P]) isLeaf() bool  { return n.tree == nil || len(n.tree.next) == 0 }

// branches makes the node able to have others below.
func (n *topicNode[P]) branches() *topicTree[P] {
	if n.tree == nil {
		n.tree = new(topicTree[P])
	}
	return n.tree
}

// appendName appends the whole text of a topic.
func (n *topicNode[P]) appendName(dst []byte) []byte {
	size := 0
	for a := n; a != nil; a = a.above() {
		size += len(a.label)
	}
	start := len(dst)
	dst = append(dst, make([]byte, size)...)
	for a, end := n, start+size; a != nil; a = a.above() {
		end -= len(a.label)
		copy(dst[end:], a.label)
	}
	return dst
}

func (n *topicNode[P]) above() *topicNode[P] {
	if n.tree == nil {
		return nil
	}
	return n.tree.up
}

// child is the node below that shares a first byte with rest, and its index.
func (t *topicTree[P]) child(rest []byte) (n *topicNode[P], i int) {
	if t == nil || len(rest) == 0 {
		return nil, -1
	}
	if i = bytes.IndexByte(t.first, rest[0]); i < 0 {
		return nil, -1
	}
	return t.next[i], i
}

// index is where a child stands.
func (t *topicTree[P]) index(n *topicNode[P]) int { return bytes.IndexByte(t.first, n.label[0]) }

func (t *topicTree[P]) attach(n *topicNode[P]) {
	t.first = append(t.first, n.label[0])
	t.next = append(t.next, n)
}

func (t *topicTree[P]) detach(i int) {
	end := len(t.next) - 1
	t.first[i], t.next[i] = t.first[end], t.next[end]
	t.next[end] = nil
	t.first, t.next = t.first[:end], t.next[:end]
	if end <= cap(t.next)/4 {
		t.first = append([]byte(nil), t.first...)
		t.next = append([]*topicNode[P](nil), t.next...)
	}
}

// hasPrefix reports whether b begins with s.
func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

// match calls yield for each topic that is a prefix of frame, the shorter
// first among those that the filter finds, until it returns false.
func (x *topicSet[P]) match(frame []byte, yield func(*topicNode[P]) bool) {
	if x.empty != nil && !yield(x.empty) {
		return
	}
	if len(x.order) <= scanMax {
		for _, n := range x.order {
			if hasPrefix(frame, n.label) && !n.deliver(frame, yield) {
				return
			}
		}
		return
	}
	lens := x.lens
	mixed := lens&(lens-1) != 0 // with one length, the filter has said all it knows
	if len(frame) < headLen {
		lens &= 1<<len(frame) - 1
	}
	for lens != 0 {
		a := anchorOf[bits.TrailingZeros64(lens)]
		here := lens & a.span
		lens &^= a.span
		for here &= x.filter.lengths(frame[:a.length]); here != 0; here &= here - 1 {
			text := frame[:bits.TrailingZeros64(here)+1]
			if mixed && !x.filter.has(text) {
				continue
			}
			if n := x.heads[string(text)]; n != nil && !n.deliver(frame, yield) {
				return
			}
		}
	}
}

// deliver yields a head that is a prefix of frame, and the topics of its tree
// that are.
func (n *topicNode[P]) deliver(frame []byte, yield func(*topicNode[P]) bool) bool {
	if n.tree == nil {
		return yield(n)
	}
	for rest := frame; n != nil && hasPrefix(rest, n.label); n, _ = n.tree.child(rest) {
		rest = rest[len(n.label):]
		if n.isTopic() && !yield(n) {
			return false
		}
	}
	return true
}

// each calls fn for every topic.
func (x *topicSet[P]) each(fn func(*topicNode[P])) {
	if x.empty != nil {
		fn(x.empty)
	}
	var below []*topicNode[P]
	for _, head := range x.order {
		for below = append(below, head); len(below) > 0; {
			n := below[len(below)-1]
			below = below[:len(below)-1]
			if n.isTopic() {
				fn(n)
			}
			if n.tree != nil {
				below = append(below, n.tree.next...)
			}
		}
	}
}

// find returns the topic's node, or nil.
func (x *topicSet[P]) find(topic []byte) *topicNode[P] {
	if len(topic) == 0 {
		return x.empty
	}
	head := min(len(topic), headLen)
	n := x.heads[string(topic[:head])]
	for rest := topic[head:]; n != nil && len(rest) > 0; rest = rest[len(n.label):] {
		if n, _ = n.tree.child(rest); n == nil || !hasPrefix(rest, n.label) {
			return nil
		}
	}
	if n == nil || !n.isTopic() {
		return nil
	}
	return n
}

// insert returns the topic's node, which it makes if there is none.
func (x *topicSet[P]) insert(topic []byte) *topicNode[P] {
	switch {
	case len(topic) == 0:
		if x.empty == nil {
			x.empty = new(topicNode[P])
			x.count++
		}
		return x.empty
	case len(topic) > headLen:
		return x.insertBelow(x.insertHead(topic[:headLen], true), topic[headLen:])
	}
	return x.insertHead(topic, false)
}

func (x *topicSet[P]) insertHead(text []byte, bare bool) *topicNode[P] {
	n := x.heads[string(text)]
	if n == nil {
		n = &topicNode[P]{label: string(text), slot: uint32(len(x.order))}
		if x.heads == nil {
			x.heads = map[string]*topicNode[P]{}
		}
		x.heads[n.label] = n
		x.order = append(x.order, n)
		x.peak = max(x.peak, len(x.order))
		x.sizes[len(text)-1]++
		x.lens |= 1 << (len(text) - 1)
		x.filter.note(n.label)
		x.tend()
		if bare {
			n.branches().bare = true
			return n
		}
		x.count++
	}
	if !bare {
		x.makeTopic(n)
	}
	return n
}

// makeTopic makes a topic of a node that only carried others.
func (x *topicSet[P]) makeTopic(n *topicNode[P]) {
	if !n.isTopic() {
		n.tree.bare = false
		x.count++
	}
}

// insertBelow enters what follows n. Where a label goes only part of the way,
// a new node takes the part and the old one what remains, so that a node once
// returned stays its topic's.
func (x *topicSet[P]) insertBelow(n *topicNode[P], rest []byte) *topicNode[P] {
	for len(rest) > 0 {
		k, i := n.tree.child(rest)
		if k == nil {
			k = &topicNode[P]{label: string(rest), tree: &topicTree[P]{up: n}}
			n.branches().attach(k)
			x.count++
			return k
		}
		if c := common(k.label, rest); c < len(k.label) {
			k = split(n, i, c)
		}
		n, rest = k, rest[len(k.label):]
	}
	x.makeTopic(n)
	return n
}

// split puts a bare node with the first c bytes of its label above child i
// of n. Both labels are copies: neither keeps the other's bytes alive.
func split[P any](n *topicNode[P], i, c int) *topicNode[P] {
	k := n.tree.next[i]
	mid := &topicNode[P]{label: strings.Clone(k.label[:c]), tree: &topicTree[P]{bare: true, up: n}}
	k.label = strings.Clone(k.label[c:])
	k.tree.up = mid
	mid.tree.attach(k)
	n.tree.next[i] = mid
	return mid
}

// common is the length of the common prefix.
func common(a string, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// remove takes a topic out, and the nodes that carried only it.
func (x *topicSet[P]) remove(n *topicNode[P]) {
	var none P
	n.value = none
	x.count--
	switch {
	case n == x.empty:
		x.empty = nil
	case !n.isLeaf():
		n.tree.bare = true
		x.tidy(n)
	case n.isHead():
		x.removeHead(n)
	default:
		up := n.tree.up
		up.tree.detach(up.tree.index(n))
		x.tidy(up)
	}
}

// tidy drops what a node does not need any more: a bare head with nothing
// below, a bare node between its parent and a single child, the tree of a head
// without one.
func (x *topicSet[P]) tidy(n *topicNode[P]) {
	switch {
	case n.isHead() && n.isLeaf():
		if n.isTopic() {
			n.tree = nil
		} else {
			x.removeHead(n)
		}
	case !n.isHead() && !n.isTopic() && len(n.tree.next) == 1:
		k, up := n.tree.next[0], n.tree.up
		up.tree.next[up.tree.index(n)] = k
		k.label, k.tree.up = n.label+k.label, up
	}
}

func (x *topicSet[P]) removeHead(n *topicNode[P]) {
	delete(x.heads, n.label)
	delete(x.fresh, n.label)
	end := len(x.order) - 1
	moved := x.order[end]
	x.order[n.slot], moved.slot = moved, n.slot
	x.order[end] = nil
	x.order = x.order[:end]
	switch {
	case end == 0:
		x.order = nil
	case end < cap(x.order)/4:
		x.order = append(make([]*topicNode[P], 0, 2*end), x.order...)
	}
	size := len(n.label)
	if x.sizes[size-1]--; x.sizes[size-1] == 0 {
		x.lens &^= 1 << (size - 1)
	}
	passed := moved != n && int(n.slot) < x.filter.done
	x.filter.forget(passed, moved.label)
	if passed && x.fresh != nil {
		x.fresh[moved.label] = moved
	}
	x.tend()
}

// tend keeps the filter at a size that fits, and the map of heads too when many
// have gone, a few steps at each change: built anew in one go, a million topics
// would hold the publisher up. It answers true while there is more to do.
func (x *topicSet[P]) tend() (more bool) {
	f, n := &x.filter, len(x.order)
	switch {
	case n == 0:
		*f = lengthFilter{}
		x.heads, x.fresh, x.peak = nil, nil, 0
		return false
	case x.lazy:
		return false
	case f.next == nil && !f.fits(n):
		f.renew(n)
		if n < x.peak/4 {
			x.fresh = map[string]*topicNode[P]{}
		}
	}
	for range tendSteps {
		if f.next == nil {
			return false
		}
		if f.done < n {
			x.renew(x.order[f.done])
		}
		if f.done++; f.done >= n {
			x.renewed()
		}
	}
	return f.next != nil
}

// renew enters a head into what will replace the filter and the map.
func (x *topicSet[P]) renew(n *topicNode[P]) {
	x.filter.mark(x.filter.next, n.label)
	if x.fresh != nil {
		x.fresh[n.label] = n
	}
}

// renewed replaces them.
func (x *topicSet[P]) renewed() {
	f := &x.filter
	f.cells, f.next, f.done = f.next, nil, 0
	if x.fresh != nil {
		x.heads, x.fresh, x.peak = x.fresh, nil, len(x.order)
	}
}
