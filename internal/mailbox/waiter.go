package mailbox

import (
	"sync/atomic"

	"github.com/go-zactor/zactor/msg"
)

// waiter is a blocked call. Whoever takes it off its list owes it a result and
// then one token; the list's lock decides who that is, so no message is lost or
// handed over twice.
type waiter struct {
	c   chan struct{} // room for the one token
	m   msg.Msg       // what a sender sends, or what a receiver is given
	tag *Tag          // of m
	err error         // why there is no message

	next, prev *waiter // guarded by the queue's mu; nil when it is on no list
}

// finish gives w, which is off its list, its result.
func (w *waiter) finish(m msg.Msg, t *Tag, err error) {
	w.m, w.tag, w.err = m, t, err
	w.c <- struct{}{}
}

// waitlist is a line of blocked calls: a ring, entered at its last. Its queue's mu
// guards all but spare.
type waitlist struct {
	last *waiter

	// spare was used before and is on no list. It belongs to the list: a pool
	// for all would carry channels out of a synctest bubble.
	spare atomic.Pointer[waiter]
}

func (l *waitlist) empty() bool { return l.last == nil }

// join enters a waiter at the end of the line.
func (l *waitlist) join() *waiter {
	w := l.spare.Swap(nil)
	if w == nil {
		w = &waiter{c: make(chan struct{}, 1)}
	}
	if l.last == nil {
		w.next, w.prev = w, w
	} else {
		w.prev, w.next = l.last, l.last.next
		w.prev.next, w.next.prev = w, w
	}
	l.last = w
	return w
}

// pop takes the first waiter off; nil when there is none. The caller owes it a
// result.
func (l *waitlist) pop() *waiter {
	if l.last == nil {
		return nil
	}
	w := l.last.next
	l.remove(w)
	return w
}

// remove takes w off, and reports whether it was on.
func (l *waitlist) remove(w *waiter) bool {
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
func (l *waitlist) endAll(err error) {
	for w := l.pop(); w != nil; w = l.pop() {
		w.finish(msg.Msg{}, nil, err)
	}
}

// release returns w's result, and keeps w for the next call that has to wait.
func (l *waitlist) release(w *waiter) (msg.Msg, *Tag, error) {
	m, t, err := w.m, w.tag, w.err
	w.m, w.tag, w.err = msg.Msg{}, nil, nil
	l.spare.Store(w)
	return m, t, err
}
