package auth

import (
	"container/list"
	"sync"
	"time"
)

// maxGuessers bounds how many addresses are remembered.
const maxGuessers = 4096

// throttle makes addresses wait that have guessed wrong too often.
type throttle struct {
	after    int // 0: no address waits
	min, max time.Duration

	mu     sync.Mutex
	byAddr map[string]*list.Element
	order  list.List // of *guesser, the one that failed last at the back
}

type guesser struct {
	addr   string
	failed int
	trying int       // attempts under way
	last   time.Time // failure
	until  time.Time // it has to wait
}

// attempt is one that is under way.
type attempt struct {
	addr string
	g    *guesser // nil for an address that nothing was known of
}

// begin reports whether an address may try. An attempt that may must end.
func (t *throttle) begin(addr string, now time.Time) (a attempt, may bool) {
	a.addr = addr
	if t.after == 0 {
		return a, true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.g = t.find(addr, now); a.g == nil {
		return a, true
	}
	// One that has failed often tries one at a time: many at once would be as many
	// guesses for the price of one.
	if now.Before(a.g.until) || a.g.failed >= t.after && a.g.trying > 0 {
		return a, false
	}
	a.g.trying++
	return a, true
}

// end ends an attempt that begin has allowed.
func (t *throttle) end(a attempt, now time.Time, failed bool) {
	if t.after == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.g != nil {
		a.g.trying--
	}
	if !failed {
		return
	}
	addr, g := a.addr, t.find(a.addr, now)
	if g == nil {
		g = t.add(addr)
	}
	g.failed++
	g.last = now
	t.order.MoveToBack(t.byAddr[addr])
	if over := g.failed - t.after; over >= 0 {
		g.until = now.Add(t.delay(over))
	}
}

// delay doubles from min to max.
func (t *throttle) delay(over int) time.Duration {
	d := t.min
	for range over {
		if d *= 2; d >= t.max || d <= 0 {
			return t.max
		}
	}
	return min(d, t.max)
}

// find returns what is known of an address. Failures count until there have been
// none for as long as the longest wait, twice.
func (t *throttle) find(addr string, now time.Time) *guesser {
	e := t.byAddr[addr]
	if e == nil {
		return nil
	}
	g := e.Value.(*guesser)
	if g.trying == 0 && now.Sub(g.last) > 2*t.max {
		t.remove(e)
		return nil
	}
	return g
}

func (t *throttle) add(addr string) *guesser {
	if t.byAddr == nil {
		t.byAddr = map[string]*list.Element{}
	}
	if t.order.Len() >= maxGuessers {
		t.remove(t.order.Front())
	}
	g := &guesser{addr: addr}
	t.byAddr[addr] = t.order.PushBack(g)
	return g
}

func (t *throttle) remove(e *list.Element) {
	delete(t.byAddr, t.order.Remove(e).(*guesser).addr)
}

// waiting is how many addresses have to wait.
func (t *throttle) waiting(now time.Time) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := t.order.Back(); e != nil; e = e.Prev() {
		if now.Before(e.Value.(*guesser).until) {
			n++
		}
	}
	return n
}
