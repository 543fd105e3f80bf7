package pair

import (
	"context"
	"sync"

	"github.com/go-zactor/zactor/internal/ready"
)

// queue is one direction of a pair. Senders append to one slice, receivers take
// from another, and an empty receiving slice is swapped for the whole sending
// one: a batch costs one meeting of the two sides. Both grow from nil. A
// receiver that waits gets its value from the sender's hand, and the value of a
// sender that waits is moved in by the receiver who makes room.
//
// It never holds more than limit values. Senders know len(out)-head only as it
// was when they last looked (held, which is never too small), and look again,
// with both locks, before they call the queue full.
type queue[T any] struct {
	rmu     sync.Mutex // the receivers' lock, taken before mu
	out     []T        // guarded by rmu: the batch that is being received
	head    int        // guarded by rmu: the first of out that is still there
	calm    uint8      // guarded by rmu: small batches in a row, see trim
	blocked bool       // written under both locks: somebody wants to hear of room

	_ [64]byte // the two sides write on different cache lines: worth 30 % of throughput

	mu        sync.Mutex
	in        []T            // guarded by mu, as is all that follows
	limit     int            // fixed
	held      int            // at least len(out)-head
	closed    bool           // nothing more is sent; what is there can be received
	receivers waitlist[T]    // not empty only while the queue is
	senders   waitlist[T]    // not empty only while blocked is set
	readers   ready.Watchers // told when the queue is no longer empty
	writers   ready.Watchers // told when the queue is no longer full
}

// bigBatch is the number of slots from which on a slice is worth giving back.
const bigBatch = 256

func (q *queue[T]) send(ctx context.Context, v T) error {
	w, err := q.put(v, true)
	if w == nil {
		return err
	}
	_, err = q.await(ctx, &q.senders, w)
	return err
}

func (q *queue[T]) recv(ctx context.Context) (T, error) {
	v, w, err := q.take(true)
	if w == nil {
		return v, err
	}
	return q.await(ctx, &q.receivers, w)
}

// put gives v to a waiting receiver or appends it. When the queue is full it
// returns ErrAgain or, with wait, a waiter that has v.
func (q *queue[T]) put(v T, wait bool) (*waiter[T], error) {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil, ErrClosed
	}
	if r := q.receivers.pop(); r != nil {
		q.mu.Unlock()
		r.finish(v, nil)
		return nil, nil
	}
	if len(q.in)+q.held >= q.limit {
		q.mu.Unlock()
		return q.putFull(v, wait)
	}
	q.add(v)
	q.mu.Unlock()
	return nil, nil
}

// putFull is put for a queue that seems to be full.
func (q *queue[T]) putFull(v T, wait bool) (*waiter[T], error) {
	q.lock()
	if !q.closed && q.full() {
		defer q.unlock()
		return q.senders.join(v, wait)
	}
	q.unlock()
	return q.put(v, wait) // what has been received since counts now
}

// lock takes both locks.
func (q *queue[T]) lock() {
	q.rmu.Lock()
	q.mu.Lock()
}

func (q *queue[T]) unlock() {
	q.mu.Unlock()
	q.rmu.Unlock()
}

// add appends v, under mu.
func (q *queue[T]) add(v T) {
	q.in = append(q.in, v)
	if len(q.in) == 1 {
		q.readers.Notify()
	}
}

// full reports, under both locks, whether there is no room, and if so makes sure
// that the receiver who makes some says so.
func (q *queue[T]) full() bool {
	q.held = len(q.out) - q.head
	if len(q.in)+q.held < q.limit {
		return false
	}
	q.blocked = true
	return true
}

// take returns the next value. When there is none it returns ErrAgain or, with
// wait, a waiter that will be given one.
func (q *queue[T]) take(wait bool) (v T, w *waiter[T], err error) {
	q.rmu.Lock()
	if q.head == len(q.out) && !q.refill() {
		w, err = q.takeNone(wait)
		q.rmu.Unlock()
		return v, w, err
	}
	var none T
	v, q.out[q.head] = q.out[q.head], none
	q.head++
	if q.blocked {
		q.letOn()
	}
	q.rmu.Unlock()
	return v, nil, nil
}

// refill swaps the two slices and reports whether that brought any value. It is
// called with rmu held and, when it returns false, leaves mu locked as well.
func (q *queue[T]) refill() bool {
	q.mu.Lock()
	if len(q.in) == 0 {
		return false
	}
	q.trim()
	q.in, q.out, q.head = q.out[:0], q.in, 0
	q.held = len(q.out)
	q.mu.Unlock()
	return true
}

// trim gives the memory of a burst back when calm has returned: when a few
// batches in a row have filled less than an eighth of it. (One is no sign: behind
// a full batch often comes the single value of a sender that had to wait.)
func (q *queue[T]) trim() {
	if cap(q.out) < bigBatch || len(q.in) >= cap(q.out)/8 {
		q.calm = 0
		return
	}
	if q.calm++; q.calm > 2 {
		q.out = nil
	}
}

// takeNone is take for an empty queue; it unlocks mu.
func (q *queue[T]) takeNone(wait bool) (*waiter[T], error) {
	defer q.mu.Unlock()
	if q.closed {
		return nil, ErrClosed
	}
	var none T
	return q.receivers.join(none, wait)
}

// letOn moves in the values of waiting senders for which there is room now, and
// tells those who watch for room. It is called with rmu held: if the lock were
// let go first, another receiver could see an empty queue and wait beside a
// waiting sender.
func (q *queue[T]) letOn() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.full() {
		q.blocked = false
		w := q.senders.pop()
		if w == nil {
			break
		}
		q.add(w.v)
		w.finish(w.v, nil)
	}
	if !q.blocked {
		q.writers.Notify()
	}
}

// await waits for what is owed to w, or for the end of ctx. What comes at the
// same moment as the end of ctx is not lost: it wins.
func (q *queue[T]) await(ctx context.Context, l *waitlist[T], w *waiter[T]) (T, error) {
	done := ctx.Done()
	if done == nil { // a plain receive is a good deal cheaper than a select
		<-w.c
		return l.release(w)
	}
	select {
	case <-w.c:
	case <-done:
		if q.leave(l, w) {
			w.err = ctx.Err()
		} else {
			<-w.c
		}
	}
	return l.release(w)
}

// leave takes w off l, and reports whether it was on it.
func (q *queue[T]) leave(l *waitlist[T], w *waiter[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return l.remove(w)
}

// close ends the sending into q.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shut()
}

// shut closes, under mu, and ends all waiting.
func (q *queue[T]) shut() {
	if q.closed {
		return
	}
	q.closed = true
	q.receivers.endAll(ErrClosed)
	q.senders.endAll(ErrClosed)
	q.readers.Notify()
	q.writers.Notify()
}

// abandon closes q and throws away what is in it, for a receiver that leaves.
func (q *queue[T]) abandon() (dropped int) {
	q.lock()
	defer q.unlock()
	dropped = q.count()
	q.in, q.out, q.head, q.held = nil, nil, 0, 0
	q.shut()
	return dropped
}

// interrupt ends the waiting of one side, now and until it is called again with
// on false.
func (q *queue[T]) interrupt(l *waitlist[T], on bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.barred = on
	if on {
		l.endAll(ErrInterrupted)
	}
}

// count is how many values are queued, under both locks.
func (q *queue[T]) count() int { return len(q.in) + len(q.out) - q.head }

func (q *queue[T]) len() int {
	q.lock()
	defer q.unlock()
	return q.count()
}

// readable reports whether a take would return at once.
func (q *queue[T]) readable() bool {
	q.lock()
	defer q.unlock()
	return q.closed || q.count() > 0
}

// writable reports whether a put would return at once.
func (q *queue[T]) writable() bool {
	q.lock()
	defer q.unlock()
	return q.closed || !q.full()
}

// watch enters c into one of q's lists.
func (q *queue[T]) watch(l *ready.Watchers, c chan<- struct{}) (stop func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := l.Add(c)
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		l.Remove(w)
	}
}
