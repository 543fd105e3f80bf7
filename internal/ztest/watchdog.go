package ztest

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"testing"
	"time"
)

// Watchdog ends the test program with a dump of all goroutines when the test is
// not over after d: a deadlock is shown where it is.
func Watchdog(t testing.TB, d time.Duration) {
	t.Helper()
	name := t.Name()
	timer := time.AfterFunc(d, func() {
		debug.SetTraceback("all")
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic("watchdog: " + name + " has not ended after " + d.String())
	})
	t.Cleanup(func() { timer.Stop() })
}

// Usage is what a program holds on to.
type Usage struct {
	Goroutines  int
	Descriptors int // 0 where the system does not tell
	Heap        uint64
}

// Measure looks at the process, after a garbage collection.
func Measure() Usage {
	for range 3 { // finalizers and pools need more than one
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fds, _ := os.ReadDir("/proc/self/fd")
	return Usage{Goroutines: runtime.NumGoroutine(), Descriptors: len(fds), Heap: m.HeapAlloc}
}

// Settled measures until there are no more goroutines and descriptors than before
// and at most slack bytes more of heap, or for ten seconds.
func Settled(before Usage, slack uint64) (Usage, bool) {
	for end := time.Now().Add(10 * time.Second); ; {
		now := Measure()
		ok := now.Goroutines <= before.Goroutines && now.Descriptors <= before.Descriptors &&
			now.Heap <= before.Heap+slack
		if ok || time.Now().After(end) {
			return now, ok
		}
		time.Sleep(10 * time.Millisecond)
	}
}
