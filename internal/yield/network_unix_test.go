//go:build unix

package yield

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"
)

// Who waits for the network runs where the one processor is never without work: within a few
// looks, and not when the scheduler looks by itself, which it does each 10 ms.
func TestNetworkIsLookedAt(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var heard atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 1); ; heard.Add(1) {
			if _, err := r.Read(b); err != nil {
				return
			}
		}
	}()
	n := looks()
	const times, most = 100, 10
	needed := 0
	for i := range int64(times) {
		if _, err := w.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		for heard.Load() == i && needed < times*most {
			n.look()
			needed++
		}
	}
	if needed >= times*most {
		t.Errorf("%d bytes of %d were heard of within %d looks", heard.Load(), times, needed)
	}
	w.Close()
	<-done
	r.Close()
}

func BenchmarkLook(b *testing.B) {
	n := looks()
	for b.Loop() {
		n.look()
	}
}
