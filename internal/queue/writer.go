package queue

import (
	"encoding/binary"
	"slices"

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
		more, room := o.take(b)
		writable = writable || room
		if more || !o.overlooked() {
			return more, writable
		}
	}
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
	if o.writing > 0 {
		o.writing, o.writingBytes, o.cuts = 0, 0, 0
	}
	o.release(b)
	if !o.ready || o.closed || o.idles() && !o.rest() {
		o.running = false
		o.signalIdle()
		return false, o.hasRoom()
	}
	o.retire()
	o.pending, *b = *b, o.pending
	o.draw(b)
	o.writing, o.writingBytes = b.N, b.Bytes
	return true, o.hasRoom()
}

// Wrote says that so many messages more of what was taken are written to their last
// byte, and how many bytes their frames have. When writable is true the caller must tell
// the pipe's owner so.
func (o *Outbox) Wrote(n int, bytes int64) (writable bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing, o.cuts = o.writing-n, 0
	o.writingBytes -= min(bytes, o.writingBytes)
	return o.hasRoom()
}

// Written is how far a writer came with a batch.
type Written struct {
	Whole int  // messages that are out to their last byte
	Begun bool // and at least the first byte of the one behind
}

// Keep says what of a batch that could not be written is to wait for the next connection.
type Keep uint8

const (
	KeepNothing Keep = iota
	KeepUncut        // what was not begun
	KeepAll          // and the message that was cut: the peer throws away what it has of it
)

// mostCuts is on how many connections in a row a message may be cut before it is given
// up: the peer may have a reason, which it can't tell in every version of ZMTP, and what
// waits behind is to get through. libzmq's reason is ZMQ_MAXMSGSIZE.
const mostCuts = 5

// Restore ends a writer whose batch could be written only in part. What is kept waits
// before what waits already; the rest is lost. When writable is true the caller must tell
// the pipe's owner so.
func (o *Outbox) Restore(b *Batch, w Written, keep Keep) (lost int, writable bool) {
	if b.Logged() {
		written := slices.Clone(b.logged[:w.Whole]) // b is given back before that
		defer o.rewind(written)                     // the others come again
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing, o.writingBytes, o.running, o.ready = 0, 0, false, false
	switch {
	case b.Logged():
	case keep == KeepNothing || o.closed:
		lost = b.N - w.Whole
	case o.conflate && o.pending.N > 0: // a later one has taken its place
	default:
		lost = o.givenUp(w, keep)
		o.keep(b, w.Whole+lost)
	}
	o.release(b)
	o.signalIdle()
	return lost, o.hasRoom()
}

// givenUp is 1 when the message that was cut is not to be kept.
func (o *Outbox) givenUp(w Written, keep Keep) int {
	if w.Whole > 0 {
		o.cuts = 0
	}
	if !w.Begun {
		return 0
	}
	o.cuts++
	if keep == KeepAll && o.cuts < mostCuts {
		return 0
	}
	o.cuts = 0
	return 1
}

// keep puts the messages from one on in front of those that wait.
func (o *Outbox) keep(b *Batch, from int) {
	if b.N == from {
		return
	}
	o.pending.N += b.N - from
	if len(b.Iov) == 0 {
		o.pending.Msgs = append(append([]msg.Msg(nil), b.Msgs[from:]...), o.pending.Msgs...)
		for _, m := range b.Msgs[from:] {
			o.pending.Bytes += int64(m.Size())
		}
		return
	}
	var r Reach
	r.Skip(b.Iov, from)
	bytes := behind(b.Iov, r.End)
	o.pending.Iov = append([][]byte{bytes}, o.pending.Iov...)
	o.pending.Bytes += int64(len(bytes))
}

// behind copies the bytes from a position on.
func behind(iov [][]byte, at int64) []byte {
	size := -at
	for _, part := range iov {
		size += int64(len(part))
	}
	rest := make([]byte, 0, max(size, 0))
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
