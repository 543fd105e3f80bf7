package pair

import "sync/atomic"

// waiter is a blocked call. Whoever takes it off its list owes it a result and
// then one token; the list's lock decides who that is, so no value is lost or
// handed over twice.
type waiter[T any] struct {
	c   chan struct{} // room for the one token
	v   T             // a sender's value, or what a receiver is given
	err error         // why there is none

	next, prev *waiter[T] // guarded by the queue's mu, as is listed
	listed     bool
}

// finish gives w, which is off its list, its result.
func (w *waiter[T]) finish(v T, err error) {
	w.v, w.err = v, err
	w.c <- struct{}{}
}

// waitlist is a line of blocked calls. Its queue's mu guards all but spare.
type waitlist[T any] struct {
	first, last *waiter[T]
	barred      bool // nobody may wait: see End.Interrupt

	// spare was used before and is on no list. It belongs to the list: a pool
	// for all would carry channels out of a synctest bubble.
	spare atomic.Pointer[waiter[T]]
}

// join enters a waiter that carries v at the end of the line, unless the call
// does not want to wait or may not.
func (l *waitlist[T]) join(v T, wait bool) (*waiter[T], error) {
	if !wait {
		return nil, ErrAgain
	}
	if l.barred {
		return nil, ErrInterrupted
	}
	w := l.spare.Swap(nil)
	if w == nil {
		w = &waiter[T]{c: make(chan struct{}, 1)}
	}
	w.v, w.listed, w.prev = v, true, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	return w, nil
}

// pop takes the first waiter off; nil when there is none. The caller owes it a
// result.
func (l *waitlist[T]) pop() *waiter[T] {
	w := l.first
	if w != nil {
		l.remove(w)
	}
	return w
}

// remove takes w off, and reports whether it was on.
func (l *waitlist[T]) remove(w *waiter[T]) bool {
	if !w.listed {
		return false
	}
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.next, w.prev, w.listed = nil, nil, false
	return true
}

// endAll ends every call on the list with err.
func (l *waitlist[T]) endAll(err error) {
	for w := l.pop(); w != nil; w = l.pop() {
		w.finish(w.v, err)
	}
}

// release returns w's result, and keeps w for the next call that has to wait.
func (l *waitlist[T]) release(w *waiter[T]) (v T, err error) {
	var none T
	v, err = w.v, w.err
	w.v, w.err = none, nil
	l.spare.Store(w)
	if err != nil {
		return none, err
	}
	return v, nil
}
