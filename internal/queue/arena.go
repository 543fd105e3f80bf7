package queue

const (
	arenaMost  = 1 << 10 // larger messages are copied into memory of their own
	arenaBytes = 16 << 10
	arenaHeads = 256
)

// arena is where small messages wait that a writer will seal: many of them share
// one allocation. It is not for messages that a program receives, which would keep
// all of it by keeping one.
type arena struct {
	bytes []byte
	heads [][]byte
}

// copyOf copies a message of small frames.
func (a *arena) copyOf(frames [][]byte, size int) [][]byte {
	if cap(a.bytes)-len(a.bytes) < size {
		a.bytes = make([]byte, 0, arenaBytes)
	}
	if cap(a.heads)-len(a.heads) < len(frames) {
		a.heads = make([][]byte, 0, max(arenaHeads, len(frames)))
	}
	start := len(a.heads)
	for _, f := range frames {
		at := len(a.bytes)
		a.bytes = append(a.bytes, f...)
		a.heads = append(a.heads, a.bytes[at:len(a.bytes):len(a.bytes)])
	}
	return a.heads[start:len(a.heads):len(a.heads)]
}

// heldMessages is a copy of frames that waits to be sealed.
func (o *Outbox) heldMessages(frames [][]byte) [][]byte {
	if size := total(frames); size <= arenaMost && !o.joinable {
		return o.arena.copyOf(frames, size)
	}
	return copyFrames(frames)
}
