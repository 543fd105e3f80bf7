package session

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// Every piece is done once, and all of them when parallel returns.
func TestParallel(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	for _, n := range []int{0, 1, 2, 7, 100, 1001} {
		done := make([]atomic.Int32, n)
		parallel(n, 1<<20, func(i int) { done[i].Add(1) })
		for i := range done {
			if k := done[i].Load(); k != 1 {
				t.Fatalf("piece %d of %d was done %d times", i, n, k)
			}
		}
	}
}

// A helper's panic is the caller's, who knows whose connection must end.
func TestParallelPanics(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	defer func() {
		if recover() == nil {
			t.Error("the panic was lost")
		}
	}()
	parallel(1000, 1<<20, func(i int) {
		if i == 500 {
			panic("piece")
		}
	})
}
