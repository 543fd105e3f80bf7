package pipe

import (
	"encoding/binary"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// The methods of this file are the writing side of an Outbox: the session's.

// Seal says, before there is a peer, that messages must wait as messages.
func (o *Outbox) Seal() {
	o.mu.Lock()
	o.convert(true)
	o.mu.Unlock()
}

// Attach connects a peer. start must start a writer, which calls Take until it
// answers false. sealed says that this connection wants messages and not bytes.
// When kick is true there is something to write, and the caller must call
// Pipe.Kick.
func (o *Outbox) Attach(start func(), sealed bool) (kick bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	o.convert(sealed)
	o.start, o.ready = start, true
	return !o.pending.Empty() && o.wantsWriter()
}

// Detach disconnects the peer; messages wait for the next Attach. The writer
// must have ended, or end without another Take.
func (o *Outbox) Detach() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.start, o.ready, o.running = nil, false, false
	o.pending.Control = o.pending.Control[:0]
}

// Take moves everything that waits into b, whose last contents have been
// written. It answers false, and the writer must end, when there is nothing.
// When writable is true the caller must tell the pipe's owner so.
func (o *Outbox) Take(b *Batch) (more, writable bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = 0
	o.release(b)
	if !o.ready || o.closed || o.pending.Empty() {
		o.running = false
		o.signalIdle()
		return false, false
	}
	o.retire()
	o.pending, *b = *b, o.pending
	o.writing = b.N
	if o.blocked {
		o.blocked, writable = false, true
	}
	return true, writable
}

// Restore ends a writer whose batch could be written only in part. keep says
// that whole messages of which nothing has been written are to wait for the next
// connection, before what waits already. written counts bytes of Iov, or messages
// of Msgs. The result is the number of messages given up.
func (o *Outbox) Restore(b *Batch, written int64, keep bool) (lost int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing, o.running, o.ready = 0, false, false
	lost = b.N
	if keep && !o.closed {
		lost -= o.restore(b, written)
	} else {
		o.release(b)
	}
	o.signalIdle()
	return lost
}

func (o *Outbox) restore(b *Batch, written int64) (kept int) {
	if len(b.Msgs) > 0 {
		rest := b.Msgs[written:]
		o.pending.Msgs = append(append([]msg.Msg(nil), rest...), o.pending.Msgs...)
		kept = len(rest)
		for _, m := range rest {
			o.pending.Bytes += int64(m.Size())
		}
	} else {
		var rest []byte
		rest, kept = unwritten(b.Iov, written)
		if kept > 0 {
			o.pending.Iov = append([][]byte{rest}, o.pending.Iov...)
			o.pending.Bytes += int64(len(rest))
		}
		o.release(b)
	}
	o.pending.N += kept
	return kept
}

// unwritten copies the messages that begin at or behind the byte at which
// writing stopped, and counts them.
func unwritten(iov [][]byte, written int64) (rest []byte, n int) {
	var all []byte
	for _, part := range iov {
		all = append(all, part...)
	}
	at := 0
	for int64(at) < written {
		_, size := decode(all[at:])
		at += size
	}
	rest = all[at:]
	for p := rest; len(p) > 0; n++ {
		_, size := decode(p)
		p = p[size:]
	}
	return rest, n
}

// decode cuts one message of our own encoding.
func decode(p []byte) (frames [][]byte, size int) {
	for more := true; more; {
		flags, head, n := p[size], 2, 0
		if flags&wire.FlagLarge != 0 {
			n, head = int(binary.BigEndian.Uint64(p[size+1:])), 9
		} else {
			n = int(p[size+1])
		}
		body := size + head
		frames = append(frames, p[body:body+n:body+n])
		size = body + n
		more = flags&wire.FlagMore != 0
	}
	return frames, size
}

// convert brings what waits into the form that the connection wants.
func (o *Outbox) convert(sealed bool) {
	if o.sealed == sealed {
		return
	}
	o.sealed = sealed
	o.retire()
	if !sealed {
		msgs := o.pending.Msgs
		o.pending.Msgs = nil
		for _, m := range msgs {
			for i, f := range m.Frames {
				o.frame(f, i+1 < len(m.Frames), false)
			}
		}
		return
	}
	var all []byte
	for _, part := range o.pending.Iov {
		all = append(all, part...)
	}
	for _, f := range o.pending.own {
		buf.Free(f)
	}
	o.pending.Iov, o.pending.own = nil, nil
	for len(all) > 0 {
		frames, size := decode(all)
		o.pending.Msgs = append(o.pending.Msgs, msg.New(frames...))
		all = all[size:]
	}
}
