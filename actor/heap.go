package actor

import "container/heap"

// waiting holds the children that do not run and are to be started, the next one
// first: by their time under OneForOne, by their order under the other strategies.
// Len to Pop are container/heap's.
type waiting struct {
	list    []*child
	ordered bool
}

func (w *waiting) Len() int { return len(w.list) }

func (w *waiting) Less(i, j int) bool {
	a, b := w.list[i], w.list[j]
	if !w.ordered && !a.due.Equal(b.due) {
		return a.due.Before(b.due)
	}
	return a.seq < b.seq
}

func (w *waiting) Swap(i, j int) {
	w.list[i], w.list[j] = w.list[j], w.list[i]
	w.list[i].index, w.list[j].index = i, j
}

func (w *waiting) Push(x any) {
	c := x.(*child)
	c.index = len(w.list)
	w.list = append(w.list, c)
}

func (w *waiting) Pop() any {
	last := len(w.list) - 1
	c := w.list[last]
	w.list[last] = nil
	w.list = w.list[:last]
	c.index = -1
	return c
}

// add enters c, and reports whether it is the next one now.
func (w *waiting) add(c *child) bool {
	if c.index >= 0 {
		heap.Fix(w, c.index)
	} else {
		heap.Push(w, c)
	}
	return c.index == 0
}

func (w *waiting) remove(c *child) {
	if c.index >= 0 {
		heap.Remove(w, c.index)
	}
}

// first is the next child; nil when there is none.
func (w *waiting) first() *child {
	if len(w.list) == 0 {
		return nil
	}
	return w.list[0]
}
