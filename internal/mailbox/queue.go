package mailbox

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/ready"
)

// Queue is a bounded queue. Its zero value is of no use; see Init. Senders append to
// one slice, receivers take from another, and an empty receiving slice is swapped for
// the whole sending one: a batch costs one meeting of the two sides. Both grow from
// nil. A receiver that waits gets its message from the sender's hand, and the message
// of a sender that waits is moved in by the receiver who makes room.
//
// It never holds more than limit messages. Senders know len(out)-head only as it
// was when they last looked (held, which is never too small), and look again,
// with both locks, before they call the queue full.
//
// A lone receiver (see NextAlone) takes from its batch without a lock: it meets
// the senders once a batch, and when one of them waits for room. What it has taken
// counts at once: head is written and blocked read by it, blocked written and head
// read by who finds no room, in this order, so that one of them sees the other.
//
// The order of the fields keeps what receivers write for each message at least a
// cache line away from what senders do, wherever the queue begins: else each message
// of one side takes the line from the other's processor, which costs more than all
// the rest. What is seldom written lies between.
type Queue[T any] struct {
	rmu     sync.Mutex  // the receivers' lock, taken before mu
	out     []T         // guarded by rmu: the batch that is being received
	head    int32       // guarded by rmu, or atomic where there is a lone receiver: the first of out that is still there
	blocked atomic.Bool // written under both locks: a writer wants to hear of room
	outTags *tags       // guarded by rmu; nil while there were none

	senders   waitlist[T] // guarded by mu; not empty only while blocked is set
	receivers waitlist[T] // guarded by mu; not empty only while the queue is
	watched   *watched    // guarded by mu; nil while nobody has watched
	inTags    *tags       // guarded by mu; nil while there were none

	mu     sync.Mutex
	in     []T   // guarded by mu, as is all that follows
	limit  int32 // fixed
	held   int32 // at least len(out)-head
	closed bool  // nothing more is sent; what is there can be received
	noSend bool  // no sender may wait: see End.Interrupt
	noRecv bool  // no receiver may wait
	calm   uint8 // small batches in a row, see trim
}

// Init makes q empty, with room for so many messages; a limit below one means
// DefaultLimit.
func (q *Queue[T]) Init(n int) { q.limit = int32(limit(n)) }

// bigBatch is the number of slots from which on a slice is worth giving back.
const bigBatch = 256

func (q *Queue[T]) send(ctx context.Context, m T, t *Tag) error {
	w, err := q.put(m, t, true)
	if w == nil {
		return err
	}
	_, _, err = q.await(ctx, &q.senders, w)
	return err
}

func (q *Queue[T]) recv(ctx context.Context) (T, *Tag, error) {
	m, t, w, err := q.take(true)
	if w == nil {
		return m, t, err
	}
	return q.await(ctx, &q.receivers, w)
}

// put gives m to a waiting receiver or appends it. When the queue is full it
// returns ErrAgain or, with wait, a waiter that has m.
func (q *Queue[T]) put(m T, t *Tag, wait bool) (*waiter[T], error) {
	q.lockIn()
	return q.putLocked(m, t, wait)
}

// putLocked is put with mu held, which it unlocks.
func (q *Queue[T]) putLocked(m T, t *Tag, wait bool) (*waiter[T], error) {
	if q.closed {
		q.mu.Unlock()
		return nil, ErrClosed
	}
	if r := q.receivers.pop(); r != nil {
		q.mu.Unlock()
		r.finish(m, t, nil)
		return nil, nil
	}
	if int32(len(q.in))+q.held >= q.limit {
		q.mu.Unlock()
		return q.putFull(m, t, wait)
	}
	q.add(m, t)
	q.mu.Unlock()
	return nil, nil
}

// putFull is put for a queue that seems to be full.
func (q *Queue[T]) putFull(m T, t *Tag, wait bool) (*waiter[T], error) {
	q.lock()
	if q.blocked.Load() { // who waits comes first: a lone receiver may not have let them on yet
		q.letOnLocked()
	}
	if !q.closed && q.full() {
		defer q.unlock()
		if err := mayWait(wait, q.noSend); err != nil {
			return nil, err
		}
		w := q.senders.join()
		w.m, w.tag = m, t
		return w, ErrAgain
	}
	q.unlock()
	return q.put(m, t, wait) // what has been received since counts now
}

// mayWait returns why a call does not wait.
func mayWait(wait, barred bool) error {
	switch {
	case !wait:
		return ErrAgain
	case barred:
		return ErrInterrupted
	}
	return nil
}

// lockIn takes mu for a sender. While another sender sleeps on a Mutex, its Lock
// leaves the fast path even when it is free, and so does each Unlock; with more senders
// than processors one nearly always sleeps, and a message costs twice as much. TryLock
// goes past the sleeper, which the Mutex bounds: one that has slept for a millisecond
// is handed the lock, and TryLock fails until then.
func (q *Queue[T]) lockIn() {
	if !q.mu.TryLock() {
		q.mu.Lock()
	}
}

// lock takes both locks.
func (q *Queue[T]) lock() {
	q.rmu.Lock()
	q.mu.Lock()
}

func (q *Queue[T]) unlock() {
	q.mu.Unlock()
	q.rmu.Unlock()
}

// add appends m, under mu.
func (q *Queue[T]) add(m T, t *Tag) {
	if t != nil {
		if q.inTags == nil {
			q.inTags = new(tags)
		}
		q.inTags.push(t, len(q.in))
	}
	q.in = append(q.in, m)
	if len(q.in) == 1 {
		q.watched.readable()
	}
}

// full reports, under both locks, whether there is no room, and if so makes sure
// that the receiver who makes some says so.
func (q *Queue[T]) full() bool {
	if !q.fullNow() {
		return false
	}
	q.blocked.Store(true)
	return q.fullNow() // a lone receiver may have made some before it could know
}

func (q *Queue[T]) fullNow() bool {
	q.held = int32(len(q.out)) - atomic.LoadInt32(&q.head)
	return int32(len(q.in))+q.held >= q.limit
}

// take returns the next message. When there is none it returns ErrAgain or, with
// wait, a waiter that will be given one.
func (q *Queue[T]) take(wait bool) (m T, t *Tag, w *waiter[T], err error) {
	q.rmu.Lock()
	if int(q.head) == len(q.out) && !q.refill() {
		w, err = q.takeNone(wait)
		q.rmu.Unlock()
		return m, nil, w, err
	}
	if q.outTags != nil {
		t = q.outTags.take(int(q.head))
	}
	m = q.first()
	q.rmu.Unlock()
	return m, t, nil, nil
}

// first takes the first message of the batch, with rmu held.
func (q *Queue[T]) first() T {
	var none T
	m := q.out[q.head]
	q.out[q.head] = none
	q.head++
	if q.blocked.Load() {
		q.letOn()
	}
	return m
}

// refill swaps the two slices and reports whether that brought anything. It is
// called with rmu held and, when it returns false, leaves mu locked as well.
func (q *Queue[T]) refill() bool {
	q.mu.Lock()
	if len(q.in) == 0 {
		return false
	}
	q.trim()
	q.in, q.out, q.head = q.out[:0], q.in, 0
	q.inTags, q.outTags = q.outTags, q.inTags
	if q.inTags != nil {
		*q.inTags = tags{}
	}
	q.held = int32(len(q.out))
	q.mu.Unlock()
	return true
}

// trim gives the memory of a burst back when calm has returned: when a few
// batches in a row have filled less than an eighth of it. (One is no sign: behind
// a full batch often comes the single message of a sender that had to wait.)
func (q *Queue[T]) trim() {
	if cap(q.out) < bigBatch || len(q.in) >= cap(q.out)/8 {
		q.calm = 0
		return
	}
	if q.calm++; q.calm > 2 {
		q.out = nil
	}
}

// takeNone is take for an empty queue; it unlocks mu.
func (q *Queue[T]) takeNone(wait bool) (*waiter[T], error) {
	defer q.mu.Unlock()
	if q.closed {
		return nil, ErrClosed
	}
	if err := mayWait(wait, q.noRecv); err != nil {
		return nil, err
	}
	return q.receivers.join(), ErrAgain
}

// letOn moves in the messages of waiting senders for which there is room now, and
// tells those who watch for room. It is called with rmu held: if the lock were
// let go first, another receiver could see an empty queue and wait beside a
// waiting sender.
func (q *Queue[T]) letOn() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.letOnLocked()
}

func (q *Queue[T]) letOnLocked() {
	for !q.full() {
		q.blocked.Store(false)
		w := q.senders.pop()
		if w == nil {
			break
		}
		q.add(w.m, w.tag)
		var none T
		w.finish(none, nil, nil)
	}
	if !q.blocked.Load() {
		q.watched.writable()
	}
}

// await waits for what is owed to w, or for the end of ctx. What comes at the
// same moment as the end of ctx is not lost: it wins.
func (q *Queue[T]) await(ctx context.Context, l *waitlist[T], w *waiter[T]) (T, *Tag, error) {
	done, c := ctx.Done(), w.waker.(token)
	if done == nil { // a plain receive is a good deal cheaper than a select
		<-c
		return l.release(w)
	}
	select {
	case <-c:
	case <-done:
		if q.leave(l, w) {
			var none T
			w.m, w.tag, w.err = none, nil, ctx.Err()
		} else {
			<-c
		}
	}
	return l.release(w)
}

// leave takes w off l, and reports whether it was on it.
func (q *Queue[T]) leave(l *waitlist[T], w *waiter[T]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return l.remove(w)
}

// close ends the sending into q.
func (q *Queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shut()
}

// shut closes, under mu, and ends all waiting.
func (q *Queue[T]) shut() {
	if q.closed {
		return
	}
	q.closed = true
	q.receivers.endAll(ErrClosed)
	q.senders.endAll(ErrClosed)
	q.watched.readable()
	q.watched.writable()
}

// abandon closes q and throws away what is in it, for a receiver that leaves. Then
// it calls fn, if there is one, with the tags that were in it.
func (q *Queue[T]) abandon(fn func(*Tag)) (dropped int) {
	q.lock()
	dropped = q.count()
	old, young := q.outTags, q.inTags
	q.in, q.out, q.head, q.held = nil, nil, 0, 0
	q.inTags, q.outTags = nil, nil
	q.shut()
	q.unlock()
	for _, l := range []*tags{old, young} {
		for t := l.head(); t != nil && fn != nil; t = t.next {
			fn(t)
		}
	}
	return dropped
}

// interruptSend ends the waiting of senders, now and until it is called again
// with on false.
func (q *Queue[T]) interruptSend(on bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.noSend = on; on {
		q.senders.endAll(ErrInterrupted)
	}
}

// interruptRecv is interruptSend for receivers.
func (q *Queue[T]) interruptRecv(on bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.noRecv = on; on {
		q.receivers.endAll(ErrInterrupted)
	}
}

// count is how many messages are queued, under both locks.
func (q *Queue[T]) count() int { return len(q.in) + len(q.out) - int(atomic.LoadInt32(&q.head)) }

func (q *Queue[T]) len() int {
	q.lock()
	defer q.unlock()
	return q.count()
}

// readable reports whether a take would return at once.
func (q *Queue[T]) readable() bool {
	q.lock()
	defer q.unlock()
	return q.closed || q.count() > 0
}

// writable reports whether a put would return at once.
func (q *Queue[T]) writable() bool {
	q.lock()
	defer q.unlock()
	return q.closed || !q.full()
}

// watched is who watches a queue: readers are told when it is no longer empty,
// writers when it is no longer full.
type watched struct{ readers, writers ready.Watchers }

func (w *watched) readable() {
	if w != nil {
		w.readers.Notify()
	}
}

func (w *watched) writable() {
	if w != nil {
		w.writers.Notify()
	}
}

// watch enters c into the list that of chooses.
func (q *Queue[T]) watch(of func(*watched) *ready.Watchers, c chan<- struct{}) (stop func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.watched == nil {
		q.watched = new(watched)
	}
	l := of(q.watched)
	w := l.Add(c)
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		l.Remove(w)
	}
}
