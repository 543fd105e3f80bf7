package budget

import "container/heap"

// Amount is what is held: places (messages, entries, peers, descriptors: whatever is
// counted), and the bytes in them.
type Amount struct{ Places, Bytes int }

// Plus is the sum.
func (a Amount) Plus(b Amount) Amount { return Amount{a.Places + b.Places, a.Bytes + b.Bytes} }

// Minus is the difference.
func (a Amount) Minus(b Amount) Amount { return Amount{a.Places - b.Places, a.Bytes - b.Bytes} }

// Part is a fraction of an amount, of which at least one place is left.
func (a Amount) Part(f float64) Amount {
	return Amount{max(1, int(float64(a.Places)*f)), max(1, int(float64(a.Bytes)*f))}
}

func (a Amount) within(most Amount) bool { return a.Places <= most.Places && a.Bytes <= most.Bytes }

// Rank is the order in which shares of one parent give way.
type Rank uint8

// The ranks.
const (
	First Rank = iota // whatever they hold, before all others
	Fair              // the most crowded first
	Never             // not for anybody
)

// Share is a node of the tree. Owner is the user's.
type Share[T any] struct {
	Owner T

	parent   *Share[T]
	rank     Rank
	most     Amount
	whole    Amount // the root's most, by which crowding is measured
	used     Amount
	children crowd[T]
	index    int    // among the parent's children
	origin   string // of the share of an address
}

// New makes the root of a tree.
func New[T any](most Amount) *Share[T] { return &Share[T]{most: most, whole: most, rank: Fair} }

// Sub makes a share below s.
func (s *Share[T]) Sub(most Amount, r Rank) *Share[T] {
	c := &Share[T]{parent: s, rank: r, most: most, whole: s.whole}
	heap.Push(&s.children, c)
	return c
}

// Used is what s and all below it hold.
func (s *Share[T]) Used() Amount { return s.used }

// Most is the limit.
func (s *Share[T]) Most() Amount { return s.most }

// Parent is the share above; nil for the root.
func (s *Share[T]) Parent() *Share[T] { return s.parent }

// Empty reports whether s has nothing below it and holds nothing.
func (s *Share[T]) Empty() bool { return len(s.children) == 0 && s.used == Amount{} }

// Take adds n, which may be negative, to what s holds. It does not ask whether it fits.
func (s *Share[T]) Take(n Amount) {
	for ; s != nil; s = s.parent {
		s.used = s.used.Plus(n)
		if s.parent != nil {
			heap.Fix(&s.parent.children, s.index)
		}
	}
}

// Give takes n back.
func (s *Share[T]) Give(n Amount) { s.Take(Amount{}.Minus(n)) }

// Full is the lowest share, from s upwards, that has no room for n more; nil if all
// have.
func (s *Share[T]) Full(n Amount) *Share[T] {
	for ; s != nil; s = s.parent {
		if !s.used.Plus(n).within(s.most) {
			return s
		}
	}
	return nil
}

// Victim is the holder that has to give something up so that s may have n; nil if
// nobody has to: then s can't have it.
func (s *Share[T]) Victim(n Amount) *Share[T] {
	full := s.Full(n)
	for full != nil && full != s {
		crowded, own := full.children[0], s.below(full)
		switch {
		case crowded == own:
		case crowded.used.Places == 0 || crowded.rank > own.rank:
		case crowded.rank < own.rank || crowded.share(Amount{}) > own.share(n):
			return crowded.leaf()
		}
		full = own // there is no one to blame beside its own: look there
	}
	return nil
}

// below is the share on the way down from above to s.
func (s *Share[T]) below(above *Share[T]) *Share[T] {
	for s.parent != above {
		s = s.parent
	}
	return s
}

// leaf is the most crowded holder below s.
func (s *Share[T]) leaf() *Share[T] {
	for len(s.children) > 0 {
		s = s.children[0]
	}
	return s
}

// share is the part of the whole that s would hold with n more: of places or of bytes,
// whichever is greater.
func (s *Share[T]) share(n Amount) float64 {
	u := s.used.Plus(n)
	return max(float64(u.Places)/float64(s.whole.Places), float64(u.Bytes)/float64(s.whole.Bytes))
}

// Move puts s, with what it holds, below another parent.
func (s *Share[T]) Move(to *Share[T]) {
	used := s.used
	s.Give(used)
	s.Remove()
	s.parent = to
	heap.Push(&to.children, s)
	s.Take(used)
}

// Remove takes s, which must hold nothing, out of the tree.
func (s *Share[T]) Remove() {
	if s.parent != nil {
		heap.Remove(&s.parent.children, s.index)
		s.parent = nil
	}
}

// crowd is a heap: on top who is to give way.
type crowd[T any] []*Share[T]

func (c crowd[T]) Len() int { return len(c) }
func (c crowd[T]) Less(i, j int) bool {
	a, b := c[i], c[j]
	if a.rank != b.rank && a.used.Places > 0 && b.used.Places > 0 {
		return a.rank < b.rank
	}
	if (a.used.Places > 0) != (b.used.Places > 0) {
		return a.used.Places > 0
	}
	return a.share(Amount{}) > b.share(Amount{})
}
func (c crowd[T]) Swap(i, j int) {
	c[i], c[j] = c[j], c[i]
	c[i].index, c[j].index = i, j
}
func (c *crowd[T]) Push(x any) {
	s := x.(*Share[T])
	s.index = len(*c)
	*c = append(*c, s)
}
func (c *crowd[T]) Pop() any {
	last := len(*c) - 1
	s := (*c)[last]
	(*c)[last] = nil
	*c = (*c)[:last]
	return s
}
