package buf

import (
	"crypto/rand"
	"math/bits"
	"sync"
	"unsafe"
)

// A pooled frame carries a mark in the last bytes of its capacity, behind
// everything its user may see. The mark is 15 random bytes of this process and
// one byte of state, so that a plain []byte can be recognised as ours without
// any table: a slice that was re-cut from the front, or whose tail was
// overwritten by append, no longer matches and is simply left to the
// garbage collector.
const markLen = 16

const (
	stateSend    = 0x51 // returns to its pool when a writer has written it
	stateRelease = 0xA2 // returns to its pool when a receiver releases it
	stateFree    = 0x00 // in the pool, or given up to the collector
)

// classes are capacities that Go's allocator serves without waste and that
// hold a power of two plus the mark.
var classes = [...]int{1152, 2304, 4864, 9472, 18432, 40960, 73728, 139264,
	270336, 532480, 1056768, 2105344, 4202496}

const minPooled = 1 << 9 // a smaller frame is cheaper to make than to pool

var (
	mark  [markLen - 1]byte
	pools [len(classes)]sync.Pool
)

func init() {
	// The mark need not be secret, only not met by accident.
	_, _ = rand.Read(mark[:])
}

// classFor is the index of the smallest class that holds n bytes and the mark,
// or -1 when n is too large to pool.
func classFor(n int) int {
	n += markLen
	if n <= classes[0] {
		return 0
	}
	k := bits.Len(uint(n-1)) - 11 // 2^10 < n <= 2^11 starts in class 0 or 1
	if k < 0 {
		k = 0
	}
	for ; k < len(classes); k++ {
		if classes[k] >= n {
			return k
		}
	}
	return -1
}

// classOf is the class whose frames have exactly this capacity, or -1.
func classOf(capacity int) int {
	k := bits.Len(uint(capacity)) - 11
	if k < 0 || k >= len(classes) || classes[k] != capacity {
		return -1
	}
	return k
}

// Alloc lends a frame of n bytes whose contents are undefined. It returns to
// its pool by Free; a frame that is never freed is collected as usual.
func Alloc(n int) []byte {
	if n < minPooled {
		return make([]byte, n)
	}
	k := classFor(n)
	if k < 0 {
		return make([]byte, n)
	}
	return allocClass(k)[:n]
}

func allocClass(k int) []byte {
	var full []byte
	if p, _ := pools[k].Get().(*byte); p != nil {
		full = unsafe.Slice(p, classes[k])
	} else {
		full = make([]byte, classes[k])
	}
	setMark(full, stateSend)
	return full
}

func setMark(full []byte, state byte) {
	tail := full[len(full)-markLen:]
	copy(tail, mark[:])
	tail[markLen-1] = state
}

// marked reports whether b is a pooled frame in the given state, with its class.
func marked(b []byte, state byte) (full []byte, class int, ok bool) {
	k := classOf(cap(b))
	if k < 0 {
		return nil, 0, false
	}
	full = b[:cap(b)]
	tail := full[len(full)-markLen:]
	if tail[markLen-1] != state || string(tail[:markLen-1]) != string(mark[:]) {
		return nil, 0, false
	}
	return full, k, true
}

// Free gives a frame made by Alloc back once it has been written. Any other
// slice is left alone.
func Free(b []byte) { give(b, stateSend) }

// Hand marks a frame that moves to a receiver in the same process: from now on
// it returns to its pool by Drop and no longer by Free, so that a receiver who
// sends it twice cannot have it recycled under its other holder.
func Hand(b []byte) {
	if full, _, ok := marked(b, stateSend); ok {
		setMark(full, stateRelease)
	}
}

// Drop gives back a frame that a receiver has released.
func Drop(b []byte) { give(b, stateRelease) }

// Forget leaves a pooled frame to the garbage collector: it is about to be
// shared by several holders.
func Forget(b []byte) {
	if full, _, ok := marked(b, stateSend); ok {
		setMark(full, stateFree)
	}
}

func give(b []byte, state byte) {
	full, k, ok := marked(b, state)
	if !ok {
		return
	}
	setMark(full, stateFree)
	Poison(full[:len(full)-markLen])
	pools[k].Put(unsafe.SliceData(full))
}

// Usable is how many bytes of a block made by Alloc may be filled: its capacity
// without the mark.
func Usable(b []byte) int {
	if classOf(cap(b)) >= 0 {
		return cap(b) - markLen
	}
	return cap(b)
}
