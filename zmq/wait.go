package zmq

import (
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/ready"
)

// waiter is where one blocked call waits: a channel with room for one token.
type waiter chan struct{}

// waiterPool keeps waiters for reuse. Each Context has its own: a channel that was
// made inside a testing/synctest bubble must not be used outside of it.
type waiterPool struct{ pool sync.Pool }

func (p *waiterPool) take() waiter {
	if w, ok := p.pool.Get().(waiter); ok {
		return w
	}
	return make(waiter, 1)
}

// give takes a waiter back. The caller has made sure that nobody will wake it any
// more: one that is woken late belongs to another one by then.
func (p *waiterPool) give(w waiter) {
	select {
	case <-w:
	default:
	}
	p.pool.Put(w)
}

// spareWaiter is a place for one waiter, so that who waits often finds one at hand.
type spareWaiter struct{ w waiter }

func (s *spareWaiter) take() (w waiter) {
	if w, s.w = s.w, nil; w == nil {
		w = make(waiter, 1)
	}
	return w
}

// give takes back a waiter, or nil. Whoever waited has been woken, so that nobody
// else will wake it any more.
func (s *spareWaiter) give(w waiter) {
	if w != nil {
		s.w = w
	}
}

func (w waiter) wake() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// waiters is a list of blocked calls, oldest first. It is guarded by its owner.
type waiters struct{ list []waiter }

func (l *waiters) add(w waiter) { l.list = append(l.list, w) }

// remove takes w off; false when it was taken off already, to be woken.
func (l *waiters) remove(w waiter) bool {
	for i, x := range l.list {
		if x == w {
			l.list = append(l.list[:i], l.list[i+1:]...)
			return true
		}
	}
	return false
}

// pop takes the oldest off, nil when there is none.
func (l *waiters) pop() waiter {
	if len(l.list) == 0 {
		return nil
	}
	w := l.list[0]
	copy(l.list, l.list[1:])
	l.list = l.list[:len(l.list)-1]
	return w
}

func (l *waiters) wakeAll() {
	for _, w := range l.list {
		w.wake()
	}
	l.list = l.list[:0]
}

// arrivals is the meeting point of those who bring messages and those who wait
// for them. Its lock is held for a few instructions, never while a message is
// taken.
type arrivals struct {
	mu      sync.Mutex
	newly   []*queue.Pipe // pipes that became readable and are not in the fair queue yet
	waiting waiters
	fresh   atomic.Bool  // newly is not empty
	blocked atomic.Int32 // how many wait
}

// add notes that p has become readable, and wakes one who waits.
func (a *arrivals) add(p *queue.Pipe) {
	a.mu.Lock()
	a.newly = append(a.newly, p)
	a.fresh.Store(true)
	w := a.take()
	a.mu.Unlock()
	if w != nil {
		w.wake()
	}
}

func (a *arrivals) take() waiter {
	w := a.waiting.pop()
	if w != nil {
		a.blocked.Add(-1)
	}
	return w
}

// pass wakes another one who waits: there is more than the caller took, or the
// caller was woken and did not want it after all.
func (a *arrivals) pass() {
	if a.blocked.Load() == 0 {
		return
	}
	a.mu.Lock()
	w := a.take()
	a.mu.Unlock()
	if w != nil {
		w.wake()
	}
}

// wait enters w, unless something has arrived meanwhile.
func (a *arrivals) wait(w waiter) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.newly) > 0 {
		return false
	}
	a.waiting.add(w)
	a.blocked.Add(1)
	return true
}

// leave takes w off. When it was taken off already, to be woken, the wake-up goes to
// the next; it may reach w only later, so w must not be used again: was is false.
func (a *arrivals) leave(w waiter) (was bool) {
	a.mu.Lock()
	was = a.waiting.remove(w)
	if was {
		a.blocked.Add(-1)
	}
	a.mu.Unlock()
	if !was {
		a.pass()
	}
	return was
}

func (a *arrivals) wakeAll() {
	a.mu.Lock()
	a.waiting.wakeAll()
	a.blocked.Store(0)
	a.mu.Unlock()
}

// watching tells pollers and loops that something may have changed.
type watching struct {
	mu   sync.Mutex
	any  atomic.Bool
	list ready.Watchers
}

func (w *watching) add(c chan<- struct{}) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.list.Add(c)
	w.any.Store(true)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.list.Remove(e)
		w.any.Store(!w.list.Empty())
	}
}

func (w *watching) notify() {
	if !w.any.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list.Notify()
}
