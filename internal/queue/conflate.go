package queue

import "github.com/go-zactor/zactor/internal/wire"

// This file is what ZMQ_CONFLATE asks for: queues of one message, the last.

// giveWay drops what waits to be written, but for commands. The caller holds mu.
func (o *Outbox) giveWay() {
	if o.pending.N == 0 {
		return
	}
	control := append([]wire.Command(nil), o.pending.Control...)
	o.retire()
	o.release(&o.pending)
	o.pending.Control = append(o.pending.Control, control...)
}

// giveWay drops what waits to be taken. The caller holds mu.
func (b *Inbox) giveWay() {
	for i, s := range b.segs {
		b.held -= s.N
		s.Chunk.Release(s.N)
		b.segs[i] = Segment{}
	}
	for i := range b.msgs {
		b.held--
		b.msgs[i].Release()
	}
	clear(b.msgs)
	b.segs, b.msgs = b.segs[:0], b.msgs[:0]
	b.bytes, b.tail = 0, 0 // there is no bound that would ask
}

// conflates says that only the last message is to be kept, as one of two joined
// sockets wants it.
func (b *Inbox) conflates(on bool) {
	b.mu.Lock()
	b.conflate = on
	b.mu.Unlock()
}

// last is the segment with its last message only.
func (s Segment) last() Segment {
	before := s.N - 1
	for s.N > 1 {
		flags, head, size := header(s.Data)
		s.Data = s.Data[head+size:]
		if flags&wire.FlagMore == 0 {
			s.N--
		}
	}
	s.Chunk.Release(before)
	return s
}
