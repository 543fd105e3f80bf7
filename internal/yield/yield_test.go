package yield

import (
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

func BenchmarkGive(b *testing.B) {
	var turns Turns
	for b.Loop() {
		turns.Give(nil)
	}
}
