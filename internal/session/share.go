package session

import (
	"runtime"
	"sync/atomic"
)

// Readers that are busy at the same time share the processors and their caches, and
// that concerns those of all sockets of the process.

const (
	// cacheShare is what the chunks of all busy readers should fit in together: what
	// was read is to be in a cache still when it is received.
	cacheShare = 1 << 20
	// readTurn is how many bytes a reader takes before others get the processor. A
	// sender that keeps up with its reader would else have all of it for as long as
	// the scheduler lets a goroutine run, and its neighbours nothing.
	readTurn = 64 << 10
)

// busyReaders counts those that have not run out of input.
var busyReaders atomic.Int32

// begin counts the reader as busy.
func (rd *reader) begin() {
	if !rd.busy {
		rd.busy = true
		busyReaders.Add(1)
	}
}

// rest ends that.
func (rd *reader) rest() {
	if rd.busy {
		rd.busy, rd.turn = false, 0
		busyReaders.Add(-1)
	}
}

// takeTurns lets the other readers go first once this one has had its turn.
func (rd *reader) takeTurns(n int) {
	if rd.turn += n; rd.turn < readTurn {
		return
	}
	rd.turn = 0
	if busyReaders.Load() > 1 {
		runtime.Gosched()
	}
}

// largestChunk is the size up to which chunks pay. Large messages want the largest,
// so that few of them are cut in two.
func (rd *reader) largestChunk() int {
	if rd.largest >= bigMessage {
		return bigChunk
	}
	share := cacheShare / max(1, int(busyReaders.Load()))
	return min(fullChunk, max(firstChunk, share))
}
