package zloop

import (
	"container/list"
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
type ticketList = list.List

// Ticket calls fn once, d from now, unless it is reset or stopped before.
func (l *Loop) Ticket(d time.Duration, fn func() error) *Ticket {
	t := &Ticket{loop: l, fn: fn, d: d}
	t.Reset()
	return t
}

// Reset starts the ticket anew: it fires after its full duration from now. That
// holds too for one that has fired or was stopped, and inside its own handler.
func (t *Ticket) Reset() {
	t.loop.mu.Lock()
	defer t.loop.mu.Unlock()
	t.when = time.Now().Add(t.d)
	if t.state == queued {
		t.loop.tickets[t.d].MoveToBack(t.elem)
		return
	}
	t.elem = t.ensureList().PushBack(t)
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

// ensureList returns the list for t's duration. A new one may make a sleep too
// long.
func (t *Ticket) ensureList() *ticketList {
	l := t.loop.tickets[t.d]
	if l == nil {
		l = list.New()
		t.loop.tickets[t.d] = l
		t.loop.rescan()
	}
	return l
}

// unlist takes a queued ticket off its list, and an empty list off the loop's.
func (t *Ticket) unlist() {
	l := t.loop.tickets[t.d]
	l.Remove(t.elem)
	t.elem = nil
	if l.Len() == 0 {
		delete(t.loop.tickets, t.d)
	}
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
		t.elem = t.ensureList().PushFront(t)
		t.state = queued
	}
}

// dueTickets moves the tickets that are due from their lists to the end of due,
// in the order of their times.
func (l *Loop) dueTickets(due []deadline, now time.Time) []deadline {
	first := len(due)
	for _, tl := range l.tickets {
		for e := tl.Front(); e != nil; e = tl.Front() {
			t := e.Value.(*Ticket)
			if t.when.After(now) {
				break
			}
			t.unlist()
			t.state = isDue
			due = append(due, t)
		}
	}
	slices.SortStableFunc(due[first:], func(a, b deadline) int {
		return a.(*Ticket).when.Compare(b.(*Ticket).when)
	})
	return due
}

// nextTicket is when the next ticket is due; ok is false when there is none.
func (l *Loop) nextTicket() (next time.Time, ok bool) {
	for _, tl := range l.tickets {
		if t := tl.Front().Value.(*Ticket); !ok || t.when.Before(next) {
			next, ok = t.when, true
		}
	}
	return next, ok
}
