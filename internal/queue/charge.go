package queue

import (
	"unsafe"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/msg"
)

// This file is what a message costs in an inbox. The bound in bytes is there to bound
// memory, so memory is what is counted: a message that owns its bytes costs as many,
// and one that stands in a reader's chunk keeps the whole chunk alive, together with its
// neighbours. A chunk is charged once for a run of entries, when the first of them is
// put, and given back when the consumer comes to an entry that stands elsewhere, or to
// the end. Producer and consumer see the same entries in the same order, so that they
// agree without telling each other anything.

// headBytes is what the list of a decoded message's frames costs.
const headBytes = int64(unsafe.Sizeof([]byte(nil)))

// charge counts an entry in chunk c. The caller holds mu.
func (b *Inbox) charge(c *buf.Chunk) {
	if c.Serial == 0 || c.Serial != b.tail {
		b.tail = c.Serial
		b.bytes += int64(len(c.B))
	}
}

// chargeMsg counts a decoded message whose frames have size bytes. The caller holds mu.
func (b *Inbox) chargeMsg(m msg.Msg, size int) {
	if c := chunkOf(m); c != nil {
		b.charge(c)
		b.bytes += headBytes * int64(len(m.Frames))
		return
	}
	b.tail = 0
	b.bytes += int64(size)
}

// enter says that the consumer has come to an entry in chunk c.
func (b *Inbox) enter(c *buf.Chunk) {
	if c.Serial == 0 || c.Serial != b.head {
		b.takenBytes += b.headBytes
		b.head, b.headBytes = c.Serial, int64(len(c.B))
	}
}

// enterMsg is enter for a decoded message.
func (b *Inbox) enterMsg(m msg.Msg) {
	if c := chunkOf(m); c != nil {
		b.enter(c)
		b.takenBytes += headBytes * int64(len(m.Frames))
		return
	}
	b.takenBytes += b.headBytes + int64(m.Size())
	b.head, b.headBytes = 0, 0
}

// settle gives back the chunk of the last message that was taken, when nothing is
// queued. More may follow in that chunk: it is charged anew then. The caller holds mu.
func (b *Inbox) settle() {
	b.takenBytes += b.headBytes
	b.head, b.headBytes, b.tail = 0, 0, 0
}

func chunkOf(m msg.Msg) *buf.Chunk {
	if o := origin.Of(m); o != nil {
		return o.Chunk
	}
	return nil
}
