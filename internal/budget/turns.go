package budget

import (
	"container/heap"
	"container/list"
)

// Turns lets some things be under way at the same time, of which those of one address have
// a part at most. Those beyond wait, and the next is always of the address with the fewest
// under way: so one with many never keeps another's waiting behind all of them.
type Turns[T any] struct {
	most, each int
	held       int
	waiting    int
	addresses  map[string]*queueOf[T]
	next       nextUp[T] // the addresses of which one waits
	served     uint64
}

// Turn is one thing: it is under way, or waits, or is over.
type Turn[T any] struct {
	Value T

	of    *queueOf[T]
	place *list.Element // in the line
	mine  bool
}

// queueOf is what is of one address.
type queueOf[T any] struct {
	origin string
	held   int
	line   list.List // of *Turn[T]
	last   uint64    // when one of it had its turn; of equals goes first whose turn is longest ago
	index  int       // in next, -1 outside
}

// NewTurns lets most be under way, and each of one address; below 1 is 1.
func NewTurns[T any](most, each int) *Turns[T] {
	return &Turns[T]{most: max(1, most), each: max(1, each), addresses: map[string]*queueOf[T]{}}
}

// Enter is a new one from an address, as Origin has it. mine says that it is its turn at
// once; otherwise Leave of another one will say so.
func (t *Turns[T]) Enter(origin string, v T) (turn *Turn[T], mine bool) {
	q := t.addresses[origin]
	if q == nil {
		q = &queueOf[T]{origin: origin, index: -1}
		t.addresses[origin] = q
	}
	turn = &Turn[T]{Value: v, of: q}
	if t.held < t.most && q.held < t.each {
		t.give(turn)
		return turn, true
	}
	turn.place = q.line.PushBack(turn)
	t.waiting++
	t.settle(q)
	return turn, false
}

// Leave ends a turn, or its waiting. next, if it is not nil, has its turn now.
func (t *Turns[T]) Leave(turn *Turn[T]) (next *Turn[T]) {
	q := turn.of
	switch {
	case turn.place != nil:
		t.leaveLine(turn)
	case turn.mine:
		turn.mine = false
		t.held--
		q.held--
	default:
		return nil
	}
	t.settle(q)
	if q.held+q.line.Len() == 0 {
		delete(t.addresses, q.origin)
	}
	if t.held >= t.most || len(t.next) == 0 || t.next[0].held >= t.each {
		return nil
	}
	next = t.next[0].line.Front().Value.(*Turn[T])
	t.leaveLine(next)
	t.give(next)
	return next
}

// Waits reports whether a turn is still to come.
func (t *Turns[T]) Waits(turn *Turn[T]) bool { return turn.place != nil }

// Held is how many are under way, and Waiting how many wait.
func (t *Turns[T]) Held() int    { return t.held }
func (t *Turns[T]) Waiting() int { return t.waiting }

func (t *Turns[T]) leaveLine(turn *Turn[T]) {
	turn.of.line.Remove(turn.place)
	turn.place = nil
	t.waiting--
}

func (t *Turns[T]) give(turn *Turn[T]) {
	q := turn.of
	turn.mine = true
	t.held++
	q.held++
	t.served++
	q.last = t.served
	t.settle(q)
}

// settle puts an address where it belongs among those of which one waits.
func (t *Turns[T]) settle(q *queueOf[T]) {
	switch waits := q.line.Len() > 0; {
	case waits && q.index < 0:
		heap.Push(&t.next, q)
	case waits:
		heap.Fix(&t.next, q.index)
	case q.index >= 0:
		heap.Remove(&t.next, q.index)
	}
}

// nextUp is a heap: on top is the address whose turn is next.
type nextUp[T any] []*queueOf[T]

func (h nextUp[T]) Len() int { return len(h) }
func (h nextUp[T]) Less(i, j int) bool {
	if h[i].held != h[j].held {
		return h[i].held < h[j].held
	}
	return h[i].last < h[j].last
}
func (h nextUp[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *nextUp[T]) Push(x any) {
	q := x.(*queueOf[T])
	q.index = len(*h)
	*h = append(*h, q)
}
func (h *nextUp[T]) Pop() any {
	last := len(*h) - 1
	q := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	q.index = -1
	return q
}
