package zloop

import (
	"container/heap"
	"time"
)

// timerHeap holds the queued timers, the next one first. Len to Pop are
// container/heap's; the loop calls the methods below them.
type timerHeap []*Timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].when.Equal(h[j].when) {
		return h[i].seq < h[j].seq
	}
	return h[i].when.Before(h[j].when)
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*Timer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return t
}

func (h *timerHeap) push(t *Timer) {
	t.state = queued
	heap.Push(h, t)
}

func (h *timerHeap) remove(t *Timer) { heap.Remove(h, t.index) }

// due moves the timers that are due from the heap to the end of list.
func (h *timerHeap) due(list []deadline, now time.Time) []deadline {
	for len(*h) > 0 && !(*h)[0].when.After(now) {
		t := heap.Pop(h).(*Timer)
		t.state = isDue
		list = append(list, t)
	}
	return list
}

// deadline is a timer or a ticket that a pass has found due. Its methods are
// called with the loop's mu held.
type deadline interface {
	fire(now time.Time) func() error // the handler to call; nil when it is due no longer
	putBack()                        // into its queue, since the pass has ended early
}

// state is where a timer or ticket is.
type state uint8

const (
	idle   state = iota // nowhere: stopped, or fired for the last time
	queued              // in its queue
	isDue               // in the loop's due list
)
