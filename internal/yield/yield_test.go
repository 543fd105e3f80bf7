package yield

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The other threads get as long as was worked since, and the kernel is not asked all the
// time.
func TestThreadsGetHalf(t *testing.T) {
	asked, takes := 0, 5*time.Millisecond
	defer func(was func()) { thread = was }(thread)
	thread = func() { asked++; time.Sleep(takes) }
	synctest.Test(t, func(t *testing.T) {
		var turns Turns
		worked := func(d time.Duration, want int) {
			t.Helper()
			time.Sleep(d)
			if turns.Due() {
				turns.Give(nil)
			}
			if asked != want {
				t.Errorf("the threads got %d turns, want %d", asked, want)
			}
		}
		worked(0, 1)
		worked(takes-1, 1)
		worked(least, 2)
		worked(takes/2, 2)
		takes = 0
		worked(takes+5*time.Millisecond, 3)
		worked(least-1, 3)
		worked(1, 4)
	})
}

// Goroutines get each turn, also those that come before the threads' next one.
func TestGoroutinesGetEach(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const wakes = 100
	var ran atomic.Int32
	woken := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range woken {
			ran.Add(1)
		}
	}()
	turns, in := Turns{}, 0
	turns.next.Store(since() + int64(time.Hour))
	for range wakes {
		before := ran.Load()
		woken <- struct{}{}
		turns.Give(nil)
		if ran.Load() > before {
			in++
		}
	}
	close(woken)
	<-done
	if in < wakes/2 { // the kernel may have this thread wait, and Go's scheduler see that
		t.Errorf("of %d that were woken %d have run in the turn given for them", wakes, in)
	}
}

func BenchmarkGive(b *testing.B) {
	var turns Turns
	for b.Loop() {
		turns.Give(nil)
	}
}
