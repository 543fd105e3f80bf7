package mailbox

import "sync/atomic"

// Waker is a consumer that has no goroutine while there is nothing to receive:
// see Consumer.
type Waker interface {
	// Wake has the consumer go on, on a goroutine of its own: it is called once
	// for each time that the consumer was parked, and may be called with the
	// queue's lock held.
	Wake()
}

// waiter is a blocked call, or a parked consumer. Whoever takes it off its list
// owes it a result and then one Wake; the list's lock decides who
// that is, so no message is lost or handed over twice.
type waiter[T any] struct {
	waker Waker // a token, or a parked consumer
	m     T     // what a sender sends, or what a receiver is given
	tag   *Tag  // of m
	err   error // why there is no message

	next, prev *waiter[T] // guarded by the queue's mu; nil when it is on no list
}

// finish gives w, which is off its list, its result.
func (w *waiter[T]) finish(m T, t *Tag, err error) {
	w.m, w.tag, w.err = m, t, err
	w.waker.Wake()
}

// token is what a blocked call waits for: a channel with room for one.
type token chan struct{}

// Wake implements Waker.
func (t token) Wake() { t <- struct{}{} }

// result returns what w was given, and clears it.
func (w *waiter[T]) result() (m T, t *Tag, err error) {
	var none T
	m, t, err = w.m, w.tag, w.err
	w.m, w.tag, w.err = none, nil, nil
	return m, t, err
}

// waitlist is a line of blocked calls: a ring, entered at its last. Its queue's mu
// guards all but spare.
type waitlist[T any] struct {
	last *waiter[T]

	// spare was used before and is on no list. It belongs to the list: a pool
	// for all would carry channels out of a synctest bubble.
	spare atomic.Pointer[waiter[T]]
}

// join enters a waiter at the end of the line.
func (l *waitlist[T]) join() *waiter[T] {
	w := l.spare.Swap(nil)
	if w == nil {
		w = &waiter[T]{waker: make(token, 1)}
	}
	l.enter(w)
	return w
}

// enter is join for a waiter that is there already.
func (l *waitlist[T]) enter(w *waiter[T]) {
	if l.last == nil {
		w.next, w.prev = w, w
	} else {
		w.prev, w.next = l.last, l.last.next
		w.prev.next, w.next.prev = w, w
	}
	l.last = w
}

// pop takes the first waiter off; nil when there is none. The caller owes it a
// result.
func (l *waitlist[T]) pop() *waiter[T] {
	if l.last == nil {
		return nil
	}
	w := l.last.next
	l.remove(w)
	return w
}

// remove takes w off, and reports whether it was on.
func (l *waitlist[T]) remove(w *waiter[T]) bool {
	switch {
	case w.next == nil:
		return false
	case w.next == w:
		l.last = nil
	default:
		w.prev.next, w.next.prev = w.next, w.prev
		if l.last == w {
			l.last = w.prev
		}
	}
	w.next, w.prev = nil, nil
	return true
}

// endAll ends every call on the list with err.
func (l *waitlist[T]) endAll(err error) {
	var none T
	for w := l.pop(); w != nil; w = l.pop() {
		w.finish(none, nil, err)
	}
}

// release returns w's result, and keeps w for the next call that has to wait.
func (l *waitlist[T]) release(w *waiter[T]) (T, *Tag, error) {
	m, t, err := w.result()
	l.spare.Store(w)
	return m, t, err
}
