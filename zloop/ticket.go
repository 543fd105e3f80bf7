package zloop

import (
	"container/heap"
	"container/list"
	"fmt"
	"slices"
	"time"
)

// Ticket is a timer for the many things that are expected and seldom fail, as
// the answers to requests: it fires once, its duration is fixed, and to reset or
// stop it costs the same however many there are. Its methods may be called from
// any goroutine, and from the handler itself.
type Ticket struct {
	loop *Loop
	fn   func() error
	d    time.Duration

	// Guarded by loop.mu.
	when  time.Time
	state state
	elem  *list.Element // in the list of its duration, while queued
}

// ticketList holds the queued tickets of one duration. Who is queued last fires
// last, so it is in order without sorting.
type ticketList struct {
	list.List
	d     time.Duration
	index int // in the heap of lists
}

func (l *ticketList) first() *Ticket { return l.Front().Value.(*Ticket) }

// ticketHeap holds the lists that are not empty, by their first tickets. Len to
// Pop are container/heap's.
type ticketHeap []*ticketList

func (h ticketHeap) Len() int           { return len(h) }
func (h ticketHeap) Less(i, j int) bool { return h[i].first().when.Before(h[j].first().when) }

func (h ticketHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *ticketHeap) Push(x any) {
	l := x.(*ticketList)
	l.index = len(*h)
	*h = append(*h, l)
}

func (h *ticketHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return l
}

// Ticket calls fn once, d from now, unless it is reset or stopped before.
func (l *Loop) Ticket(d time.Duration, fn func() error) *Ticket {
	t := &Ticket{loop: l, fn: fn, d: d}
	if fn == nil {
		l.refuse(fmt.Errorf("%w: a ticket", ErrHandler))
		return t
	}
	t.Reset()
	return t
}

// Reset starts the ticket anew: it fires after its full duration from now. That
// holds too for one that has fired or was stopped, and inside its own handler.
func (t *Ticket) Reset() {
	t.loop.mu.Lock()
	defer t.loop.mu.Unlock()
	if t.loop.closed || t.fn == nil {
		return
	}
	t.when = time.Now().Add(t.d)
	if t.state == queued {
		l := t.loop.tickets[t.d]
		l.MoveToBack(t.elem)
		heap.Fix(&t.loop.lists, l.index)
		return
	}
	t.enlist(false)
	t.state = queued
}

// Stop ends the ticket, as Stop of a Timer does, and reports whether it would
// have fired.
func (t *Ticket) Stop() bool {
	t.loop.mu.Lock()
	defer t.loop.mu.Unlock()
	active := t.state != idle
	if t.state == queued {
		t.unlist()
	}
	t.state = idle
	return active
}

// enlist puts t at the end, or the front, of the list for its duration. A list that
// becomes the next to be due may make a sleep too long.
func (t *Ticket) enlist(front bool) {
	l := t.loop.tickets[t.d]
	if l == nil {
		l = &ticketList{d: t.d}
		t.loop.tickets[t.d] = l
	}
	if front {
		t.elem = l.PushFront(t)
	} else {
		t.elem = l.PushBack(t)
	}
	if l.Len() == 1 {
		heap.Push(&t.loop.lists, l)
	} else if front {
		heap.Fix(&t.loop.lists, l.index)
	}
	if l.index == 0 && l.first() == t {
		t.loop.rescan()
	}
}

// unlist takes a queued ticket off its list, and an empty list off the loop's.
func (t *Ticket) unlist() {
	l := t.loop.tickets[t.d]
	if l.Len() > 1 {
		l.Remove(t.elem)
		heap.Fix(&t.loop.lists, l.index)
	} else {
		heap.Remove(&t.loop.lists, l.index) // which compares its first ticket
		l.Remove(t.elem)
		delete(t.loop.tickets, t.d)
	}
	t.elem = nil
}

func (t *Ticket) fire(time.Time) func() error {
	if t.state != isDue {
		return nil
	}
	t.state = idle
	return t.fn
}

func (t *Ticket) putBack() {
	if t.state == isDue {
		t.enlist(true)
		t.state = queued
	}
}

// dueTickets moves the tickets that are due from their lists to the end of due,
// in the order of their times.
func (l *Loop) dueTickets(due []deadline, now time.Time) []deadline {
	first := len(due)
	for len(l.lists) > 0 {
		t := l.lists[0].first()
		if t.when.After(now) {
			break
		}
		t.unlist()
		t.state = isDue
		due = append(due, t)
	}
	slices.SortStableFunc(due[first:], func(a, b deadline) int {
		return a.(*Ticket).when.Compare(b.(*Ticket).when)
	})
	return due
}

// nextTicket is when the next ticket is due; ok is false when there is none.
func (l *Loop) nextTicket() (next time.Time, ok bool) {
	if len(l.lists) == 0 {
		return next, false
	}
	return l.lists[0].first().when, true
}
