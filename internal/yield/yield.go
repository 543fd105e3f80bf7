// Package yield gives the processor up for others, for goroutines and for threads.
package yield

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Turns is when one that never waits has given the processor up. The zero value has not yet.
// It may be used by many goroutines at a time.
type Turns struct{ next, threads atomic.Int64 }

// least is for how long at least one works until the threads get their next turn, as a turn
// of nobody costs about a microsecond.
const least = 10 * time.Microsecond

var (
	began  = time.Now()
	thread = giveThread // a test looks what it costs
)

// Due reports that it is long enough since the threads had a turn, for one who gives it to
// nobody in particular.
func (t *Turns) Due() bool { return isOver(&t.next) }

// Give lets the goroutines run that wait for a processor. Unless it was just now that they
// had it, those come next that the network has something for, and then the threads, unless
// stay, which may be nil, says that there is something to do here now.
//
// Where a program answers another one of the same machine, the kernel often puts that one on
// the processor of the answer, to be run when this thread sleeps. One that works on would
// have it wait for its time slice, some milliseconds, for each answer. But the turn of the
// other threads may be as long, where they work, too. The next one comes when as much was
// worked as the last has taken: so they cost half of the time at most.
func (t *Turns) Give(stay func() bool) {
	// Twice, as once in a while (each 61st time) Go's scheduler looks first at those who wait for
	// any processor, and finds the one that has just given its own up.
	runtime.Gosched()
	runtime.Gosched()
	if !t.Due() {
		return
	}
	pollNetwork()
	if isOver(&t.threads) && (stay == nil || !stay()) {
		now := since()
		thread()
		end := since()
		t.threads.Store(2*end - now)
	}
	t.next.Store(since() + int64(least))
}

func since() int64 { return int64(time.Since(began)) }

// isOver reports that a time has come; in a synctest bubble times may be negative.
func isOver(until *atomic.Int64) bool {
	n := until.Load()
	return n == 0 || since() >= n
}
