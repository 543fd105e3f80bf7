package session

import (
	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// sealing is one frame on its way into a block: its place among all that this
// connection seals, where it will stand, and what it carries.
type sealing struct {
	place   uint64
	at, end int
	flags   byte
	payload []byte
}

// writeSealed writes the messages of a batch, some at a time: the block is laid
// out, its frames are sealed wherever there is a processor, and one system call
// sends them.
func (c *conn) writeSealed(w *writer) error {
	limit, head := parallelBytes(), w.ctl
	var block []byte
	defer func() { buf.Free(block) }()
	for rest := w.batch.Msgs; len(rest) > 0; head = nil {
		n, size, err := c.layOut(w, rest, len(head), limit)
		if err != nil {
			return err
		}
		if buf.Usable(block) < size {
			buf.Free(block)
			block = buf.Alloc(size)
		}
		block = block[:size]
		copy(block, head)
		parallel(len(w.seals), size, func(i int) {
			s := &w.seals[i]
			c.result.Sealer.SealAt(s.place, block[s.at:s.end], s.flags, s.payload)
		})
		clear(w.seals)
		if err := w.send(block); err != nil {
			return err
		}
		freeFrames(rest[:n])
		if rest = rest[n:]; len(rest) > 0 {
			w.passed()
		}
	}
	return nil
}

// layOut plans a block of at least one message, and of as many more as fit into
// limit, behind at bytes of something else.
func (c *conn) layOut(w *writer, ms []msg.Msg, at, limit int) (n, size int, err error) {
	w.seals = w.seals[:0]
	w.begin(at)
	for _, m := range ms {
		end := at
		for _, f := range m.Frames {
			end += c.result.Sealer.SealedSize(len(f))
		}
		if n > 0 && end > limit {
			break
		}
		for i, f := range m.Frames {
			s := sealing{at: at, payload: f}
			if i+1 < len(m.Frames) {
				s.flags = wire.FlagMore
			}
			at += c.result.Sealer.SealedSize(len(f))
			s.end = at
			w.seals = append(w.seals, s)
		}
		w.ends = append(w.ends, at)
		n++
	}
	first, ok := c.result.Sealer.Reserve(len(w.seals))
	if !ok {
		return 0, 0, errNonces
	}
	for i := range w.seals {
		w.seals[i].place = first + uint64(i)
	}
	return n, at, nil
}

// freeFrames gives back what was written.
func freeFrames(ms []msg.Msg) {
	for i := range ms {
		for _, f := range ms[i].Frames {
			buf.Free(f)
		}
	}
}
