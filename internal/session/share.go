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
	// heedTurn is how many commands, or messages that are looked at and not queued, a
	// reader obeys before others do: they cost more than their bytes, and may take a lock
	// that a sender waits for, who is next on this processor.
	heedTurn = 64
	// frameTurn is how many frames of messages of many cost as much as a command.
	frameTurn = 16
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

// heeded counts a command, and lets others go first after some.
func (rd *reader) heeded() { rd.worked(1) }

// worked counts what costs as much as so many commands.
func (rd *reader) worked(n int) {
	if rd.heed += n; rd.heed >= heedTurn && rd.gives.Due() {
		rd.heed = 0
		rd.gives.Give(nil)
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
