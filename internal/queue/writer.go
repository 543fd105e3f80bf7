package queue

import (
	"encoding/binary"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// The methods of this file are the writing side of an Outbox: the session's.

// HoldMessages says, before there is a peer, that messages must wait as messages.
func (o *Outbox) HoldMessages() {
	o.mu.Lock()
	o.convert(true)
	o.mu.Unlock()
}

// Attach connects a peer. start must start a writer, which calls Take until it
// answers false. asMessages says that this connection wants messages and not bytes.
// When flush is true there is something to write, and the caller must call
// Pipe.Flush.
func (o *Outbox) Attach(start func(), asMessages bool) (flush bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	o.convert(asMessages)
	o.start, o.ready = start, true
	if !o.idles() || o.logged() > 0 {
		return o.wantsWriter()
	}
	return o.rest() && o.wantsWriter()
}

// Detach disconnects the peer; messages wait for the next Attach. The writer
// must have ended, or end without another Take.
func (o *Outbox) Detach() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.detach()
}

func (o *Outbox) detach() {
	o.start, o.ready, o.running, o.flushing = nil, false, false, false
	o.pending.Control = o.pending.Control[:0]
}

// Take moves everything that waits into b, whose last contents have been
// written. It answers false, and the writer must end, when there is nothing.
// When writable is true the caller must tell the pipe's owner so.
func (o *Outbox) Take(b *Batch) (more, writable bool) {
	if o.spill == nil {
		return o.take(b)
	}
	for {
		o.refill(b)
		more, writable = o.take(b)
		if more {
			return true, writable
		}
		if !o.overlooked() {
			return false, o.unblock()
		}
	}
}

// unblock reports whether a sender waits for room: the log may have some again.
func (o *Outbox) unblock() (was bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	was, o.blocked = o.blocked, false
	return was
}

// overlooked reports that something has come to the log since the writer looked, so
// that it must go on.
func (o *Outbox) overlooked() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.logged() == 0 || !o.ready || o.closed || o.running {
		return false
	}
	o.running = true
	return true
}

func (o *Outbox) take(b *Batch) (more, writable bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = 0
	o.release(b)
	if !o.ready || o.closed || o.idles() && !o.rest() {
		o.running = false
		o.signalIdle()
		return false, false
	}
	o.retire()
	o.pending, *b = *b, o.pending
	o.draw(b)
	o.writing = b.N
	if o.blocked {
		o.blocked, writable = false, true
	}
	return true, writable
}

// Written is how far a writer came with a batch.
type Written struct {
	Bytes int64 // of Iov
	// Of Msgs: how many are out whole, and of how many at least the first byte may
	// be out.
	Whole, Begun int
}

// Restore ends a writer whose batch could be written only in part. keep says
// that messages of which nothing has been written are to wait for the next
// connection, before what waits already. lost is the number of messages given up:
// the one that was cut, and without keep those behind it.
func (o *Outbox) Restore(b *Batch, w Written, keep bool) (lost int) {
	if b.logged {
		defer o.rewind()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing, o.running, o.ready = 0, false, false
	if len(b.Iov) > 0 {
		w.Whole, w.Begun, w.Bytes = begun(b.Iov, w.Bytes)
	}
	lost = b.N - w.Whole
	if b.logged {
		lost, keep = 0, false // they come again
	}
	if keep && !o.closed {
		lost = w.Begun - w.Whole
		o.keep(b, w)
	}
	o.release(b)
	o.signalIdle()
	return lost
}

// keep puts the messages of which nothing is out in front of those that wait.
func (o *Outbox) keep(b *Batch, w Written) {
	rest := b.N - w.Begun
	if rest == 0 {
		return
	}
	if len(b.Iov) == 0 {
		o.pending.Msgs = append(append([]msg.Msg(nil), b.Msgs[w.Begun:]...), o.pending.Msgs...)
		for _, m := range b.Msgs[w.Begun:] {
			o.pending.Bytes += int64(m.Size())
		}
	} else {
		bytes := behind(b.Iov, w.Bytes)
		o.pending.Iov = append([][]byte{bytes}, o.pending.Iov...)
		o.pending.Bytes += int64(len(bytes))
	}
	o.pending.N += rest
}

// begun counts the messages that end within the first written bytes and those that
// begin within them; next is where the first one begins of which nothing is out.
func begun(iov [][]byte, written int64) (whole, begun int, next int64) {
	at := 0 // in iov[0]
	for next < written {
		begun++
		for more := true; more; {
			for at >= len(iov[0]) {
				at -= len(iov[0])
				iov = iov[1:]
			}
			// A header is never split between two parts.
			flags, head, size := header(iov[0][at:])
			at += head + size
			next += int64(head + size)
			more = flags&wire.FlagMore != 0
		}
		if next <= written {
			whole++
		}
	}
	return whole, begun, next
}

// behind copies the bytes from a position on.
func behind(iov [][]byte, at int64) (rest []byte) {
	for _, part := range iov {
		skip := min(at, int64(len(part)))
		rest = append(rest, part[skip:]...)
		at -= skip
	}
	return rest
}

// header reads a frame header of our own encoding.
func header(p []byte) (flags byte, head, size int) {
	if p[0]&wire.FlagLarge != 0 {
		return p[0], 9, int(binary.BigEndian.Uint64(p[1:]))
	}
	return p[0], 2, int(p[1])
}

// decode cuts one message of our own encoding.
func decode(p []byte) (frames [][]byte, size int) {
	for more := true; more; {
		flags, head, n := header(p[size:])
		body := size + head
		frames = append(frames, p[body:body+n:body+n])
		size = body + n
		more = flags&wire.FlagMore != 0
	}
	return frames, size
}

// convert brings what waits into the form that the connection wants.
func (o *Outbox) convert(asMessages bool) {
	if o.asMessages == asMessages {
		return
	}
	o.fold()
	o.asMessages = asMessages
	o.retire()
	if !asMessages {
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
