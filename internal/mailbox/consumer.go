package mailbox

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrParked is returned by Next when there is nothing to receive: the consumer
// is parked, and its Waker is called when that changes.
var ErrParked = errors.New("mailbox: parked")

// Consumer receives from a Queue without a goroutine that waits: while the queue
// is empty it is parked there, and costs only itself. Several may share a queue;
// then the one that has been parked longest is woken first.
//
// One goroutine at a time calls Next and Woken.
type Consumer[T any] struct {
	w waiter[T]
}

// A consumer that was nudged while it was not parked has its next attempt to park
// return ErrInterrupted. It is on no list then, and its prev, which tells that, is
// itself: a flag would cost every consumer a word.

func (c *Consumer[T]) nudged() bool { return c.w.next == nil && c.w.prev != nil }

// nudge is called with the queue's mu held, on a consumer that is not parked.
func (c *Consumer[T]) nudge() { c.w.prev = &c.w }

// Init says whom to wake.
func (c *Consumer[T]) Init(w Waker) { c.w.waker = w }

// Next returns the next message, or ErrClosed when the queue is closed and empty,
// or ErrInterrupted after a Nudge. Otherwise it parks c and returns ErrParked;
// from then on the consumer belongs to whoever wakes it.
func (q *Queue[T]) Next(c *Consumer[T]) (m T, err error) {
	q.rmu.Lock()
	if int(q.head) < len(q.out) || q.refill() {
		m = q.first()
	} else {
		err = q.park(c)
	}
	q.rmu.Unlock()
	return m, err
}

// NextAlone is Next for a consumer that is the only receiver there is: it takes
// what has come in one batch without a lock. What it has taken makes room at once.
// Abandon must not be called at the same time.
func (q *Queue[T]) NextAlone(c *Consumer[T]) (m T, err error) {
	if !q.Begun() {
		if err := q.nextBatch(c); err != nil {
			return m, err
		}
	}
	m = q.Pop()
	if q.Owes() {
		q.LetOn()
	}
	return m, nil
}

// nextBatch takes what has come, or parks c.
func (q *Queue[T]) nextBatch(c *Consumer[T]) (err error) {
	q.rmu.Lock()
	if !q.refill() {
		err = q.park(c)
	}
	q.rmu.Unlock()
	return err
}

// Begun reports, to the only receiver, whether something of a batch is left: then
// Pop takes it, and where the queue Owes, LetOn must follow. It is NextAlone without
// calls, for those to whom a call is a good part of what a message costs.
func (q *Queue[T]) Begun() bool { return int(q.head) < len(q.out) }

// Pop takes the next of a batch: see Begun.
func (q *Queue[T]) Pop() (m T) {
	var none T
	at := &q.out[q.head]
	m, *at = *at, none
	atomic.StoreInt32(&q.head, q.head+1)
	return m
}

// Owes reports whether a sender waits for the room that a Pop has made.
func (q *Queue[T]) Owes() bool { return q.blocked.Load() }

// LetOn has senders go on that wait for room: see Begun.
func (q *Queue[T]) LetOn() {
	q.rmu.Lock()
	q.letOn()
	q.rmu.Unlock()
}

// park is Next for an empty queue; it unlocks mu.
func (q *Queue[T]) park(c *Consumer[T]) error {
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return ErrClosed
	case c.nudged():
		c.w.prev = nil
		return ErrInterrupted
	}
	q.receivers.enter(&c.w)
	return ErrParked
}

// Woken returns what a Wake was for: a message, ErrClosed or ErrInterrupted.
func (c *Consumer[T]) Woken() (T, error) {
	m, _, err := c.w.result()
	return m, err
}

// Nudge wakes c with ErrInterrupted when it is parked, or else has its next
// attempt to park fail so.
func (q *Queue[T]) Nudge(c *Consumer[T]) {
	q.mu.Lock()
	parked := q.receivers.remove(&c.w)
	if !parked {
		c.nudge()
	}
	q.mu.Unlock()
	if parked {
		var none T
		c.w.finish(none, nil, ErrInterrupted)
	}
}

// Unpark takes c off, if it is parked, and reports whether it was: then it belongs
// to the caller, as if it had been woken with ErrInterrupted.
func (q *Queue[T]) Unpark(c *Consumer[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.receivers.remove(&c.w) {
		return false
	}
	c.w.err = ErrInterrupted
	return true
}

// Send queues m. While the queue is full it waits for room, for the end of ctx,
// or for a Close.
func (q *Queue[T]) Send(ctx context.Context, m T) error { return q.send(ctx, m, nil) }

// TrySend is Send that returns ErrAgain where Send would wait.
func (q *Queue[T]) TrySend(m T) error {
	if !q.mu.TryLock() { // lockIn, without a call
		q.mu.Lock()
	}
	if n := len(q.in); n > 0 && n < cap(q.in) && int32(n)+q.held < q.limit && !q.closed { // as a rule, when there is much to do
		q.in = append(q.in, m)
		q.mu.Unlock()
		return nil
	}
	_, err := q.putLocked(m, nil, false)
	return err
}

// Take returns the next message, or ErrAgain when there is none.
func (q *Queue[T]) Take() (T, error) {
	m, _, _, err := q.take(false)
	return m, err
}

// CloseSend ends the sending: what is queued can still be received.
func (q *Queue[T]) CloseSend() { q.close() }

// Abandon ends the sending and returns what is queued, for a receiver that leaves.
func (q *Queue[T]) Abandon() []T {
	q.lock()
	defer q.unlock()
	left := append(q.out[q.head:len(q.out):len(q.out)], q.in...)
	q.in, q.out, q.head, q.held = nil, nil, 0, 0
	q.inTags, q.outTags = nil, nil
	q.shut()
	return left
}

// Len is how many messages wait to be received.
func (q *Queue[T]) Len() int { return q.len() }

// Parked reports whether c is parked.
func (q *Queue[T]) Parked(c *Consumer[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return c.w.next != nil
}
