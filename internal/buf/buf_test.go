package buf

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every size up to the largest class gets exactly what was asked for, with a
// capacity that is recognised; none is wasteful.
func TestAllocSizes(t *testing.T) {
	for n := 0; n <= classes[len(classes)-1]; n += 1 + n/7 {
		b := Alloc(n)
		if len(b) != n {
			t.Fatalf("asked for %d bytes, got %d", n, len(b))
		}
		_, _, ok := marked(b, stateSend)
		if want := n >= minPooled && n+markLen <= classes[len(classes)-1]; ok != want {
			t.Errorf("%d bytes: marked %v, want %v", n, ok, want)
		}
		if n >= 2*minPooled && cap(b) > 3*n {
			t.Errorf("%d bytes have capacity %d", n, cap(b))
		}
	}
	for k, c := range classes {
		if classOf(c) != k || classOf(c-1) != -1 || classOf(c+1) != -1 {
			t.Errorf("class %d is not found by its capacity %d", k, c)
		}
	}
}

// Only a whole frame of ours, in the right state, goes back to the pool.
func TestOnlyOursIsRecycled(t *testing.T) {
	isFree := func(b []byte) bool { return b[:cap(b)][cap(b)-1] == stateFree }
	whole := Alloc(2000)
	Free(whole)
	if !isFree(whole) {
		t.Error("a whole frame was not taken back")
	}
	cut := Alloc(2000)
	Free(cut[1:])
	if isFree(cut) {
		t.Error("a frame that was cut in front was taken back")
	}
	grown := Alloc(2000)
	grown = append(grown, make([]byte, cap(grown)-len(grown))...)
	Free(grown)
	if _, _, ok := marked(grown, stateSend); ok {
		t.Error("a frame that was written to its end is still marked")
	}
	foreign := make([]byte, classes[1])
	Free(foreign)
	Drop(foreign)
	for _, c := range foreign {
		if c != 0 {
			t.Fatal("another owner's slice was changed")
		}
	}
}

// A frame that was handed to a receiver is no longer recycled by a writer.
func TestHandedFrames(t *testing.T) {
	b := Alloc(5000)
	Hand(b)
	Free(b)
	if _, _, ok := marked(b, stateRelease); !ok {
		t.Error("a writer took back what a receiver holds")
	}
	Drop(b)
	if _, _, ok := marked(b, stateRelease); ok {
		t.Error("the receiver's release did nothing")
	}
	c := Alloc(5000)
	Forget(c)
	Free(c)
	Drop(c)
	if _, _, ok := marked(c, stateSend); ok {
		t.Error("a shared frame is still marked")
	}
}

func TestChunksAreCounted(t *testing.T) {
	c := NewChunk(5000)
	if len(c.B) < 5000 || !c.Alone() {
		t.Fatalf("%d bytes, alone %v", len(c.B), c.Alone())
	}
	c.Origin.Group = "x"
	c.Hold(2)
	c.Release(1)
	if c.Alone() || c.Origin.Group == "" {
		t.Error("recycled while it is held")
	}
	c.Release(1)
	if !c.Alone() {
		t.Error("not alone, with one holder")
	}
	c.Release(1)
	if c.Origin.Group != "" || len(c.Heads) != 0 {
		t.Error("not cleaned when the last holder let go")
	}
}

func BenchmarkAllocFree(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		Free(Alloc(8000))
	}
}
