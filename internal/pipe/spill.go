package pipe

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/swap"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// This file is what an outbox with a swap does: a log on disk behind its queue in
// memory. Once a message has gone to the log all later ones do, until the writer has
// taken everything from there, so that order is kept. A batch holds messages of the
// queue or of the log, never of both.

// Spill is the log that an outbox shares with nobody.
type Spill struct {
	log *swap.Log
	// sync: every message goes through the log, and is on the disk before Put answers.
	sync bool
	// temporary: the log ends with the outbox.
	temporary bool
	failed    func(error) // is told when the disk fails

	mu     sync.Mutex   // taken before the outbox's, and held while the disk works
	unread atomic.Int64 // records that no batch has taken yet
	buf    []byte
	err    error // why the last Put failed; guarded by mu
}

// NewSpill makes a swap of a log. failed is told when the disk refuses to work; it
// must not call the pipe.
func NewSpill(log *swap.Log, sync, temporary bool, failed func(error)) *Spill {
	s := &Spill{log: log, sync: sync, temporary: temporary, failed: failed}
	s.unread.Store(int64(log.Unread()))
	return s
}

// SetSpill gives a new pipe its swap. What the log holds goes out first.
func (p *Pipe) SetSpill(s *Spill) {
	p.Out.mu.Lock()
	p.Out.spill = s
	p.Out.spilling = s.sync || s.unread.Load() > 0
	p.Out.mu.Unlock()
}

// SpillError is why the last Put answered Failed.
func (p *Pipe) SpillError() error {
	s := p.Out.spill
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// spill queues a message on disk. The bytes are copied there; with owned, pooled
// frames go back.
func (p *Pipe) spill(pre, frames [][]byte, owned bool) (Status, bool) {
	s, at, status, kick := p.toLog(func(b []byte) []byte { return appendMessage(b, pre, frames) })
	if status == OK && owned {
		for _, f := range frames {
			buf.Free(f)
		}
	}
	return p.synced(s, at, status), kick
}

// spillEncoded is spill of a message in ZMTP 2.0 framing.
func (p *Pipe) spillEncoded(enc []byte) (Status, bool) {
	s, at, status, kick := p.toLog(func(b []byte) []byte { return append(b, enc...) })
	return p.synced(s, at, status), kick
}

// appendMessage appends a message in ZMTP 2.0 framing.
func appendMessage(b []byte, pre, frames [][]byte) []byte {
	n := len(pre) + len(frames)
	for _, list := range [2][][]byte{pre, frames} {
		for _, f := range list {
			n--
			b = append(wire.AppendHeader(b, more(n > 0), len(f)), f...)
		}
	}
	return b
}

// toLog appends a record, unless there is room in memory again by now.
func (p *Pipe) toLog(encode func([]byte) []byte) (s *Spill, at swap.Place, status Status, kick bool) {
	o := &p.Out
	s = o.spill
	s.mu.Lock()
	defer s.mu.Unlock()
	if status, kick = o.turnToLog(encode); status != Spilled {
		return s, at, status, kick
	}
	s.buf = encode(s.buf[:0])
	at, err := s.log.Append(s.buf)
	if cap(s.buf) > keepBuffer {
		s.buf = nil
	}
	if err != nil {
		return s, at, o.refusedByLog(s, err), false
	}
	s.unread.Add(1)
	o.mu.Lock()
	defer o.mu.Unlock()
	return s, at, OK, o.wantsWriter()
}

// turnToLog says that messages go to the log from now on, unless the writer has taken
// everything meanwhile: then there is room in the queue.
func (o *Outbox) turnToLog(encode func([]byte) []byte) (Status, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.status()
	if s == OK {
		o.unlogged(encode(nil))
		return unsynced, o.wantsWriter()
	}
	if s == Spilled {
		o.spilling = true
	}
	return s, false
}

const (
	keepBuffer = 1 << 20
	// unsynced is OK for a message that did not go to the log.
	unsynced Status = 0x80
)

// refusedByLog is the answer when the log took nothing: that it is full is like any
// full queue, anything else is an error.
func (o *Outbox) refusedByLog(s *Spill, err error) Status {
	if errors.Is(err, swap.ErrFull) {
		o.mu.Lock()
		o.blocked = true
		o.mu.Unlock()
		return Full
	}
	s.err = err
	s.failed(err)
	return Failed
}

// synced waits until a record is on the disk, where that was asked for.
func (p *Pipe) synced(s *Spill, at swap.Place, status Status) Status {
	if status == unsynced {
		return OK
	}
	if status != OK || !s.sync {
		return status
	}
	if err := s.log.Sync(at); err != nil {
		s.mu.Lock()
		s.err = err
		s.unread.Store(int64(s.log.Unread())) // it was taken back, if it was there still
		s.mu.Unlock()
		s.failed(err)
		return Failed
	}
	return OK
}

const (
	refillMessages = 1000
	refillBytes    = 1 << 20
)

// refill acknowledges what b holds, which has been written, and moves records from
// the log into the queue when that is empty.
func (o *Outbox) refill(b *Batch) {
	s := o.spill
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.logged {
		if err := s.log.Ack(b.upTo); err != nil && !errors.Is(err, swap.ErrClosed) {
			s.failed(err)
		}
		b.logged = false
	}
	o.mu.Lock()
	wants := o.spilling && o.waits() == 0 && o.ready && !o.closed
	o.mu.Unlock()
	if !wants {
		return
	}
	records, upTo := s.read()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(records) == 0 {
		o.spilling = s.sync || s.unread.Load() > 0
		return
	}
	for _, r := range records {
		o.unlogged(r)
	}
	o.pending.logged, o.pending.upTo = true, upTo
}

// read takes the next records. What is damaged has been reported and is passed over.
func (s *Spill) read() (records [][]byte, upTo uint64) {
	size := 0
	for len(records) < refillMessages && size < refillBytes {
		seq, r, ok, err := s.log.Next()
		if err != nil && !errors.Is(err, swap.ErrClosed) {
			s.failed(err)
		}
		if err != nil || !ok {
			break
		}
		if !wellFormed(r) { // not written by this package
			s.failed(swap.ErrForeign)
			continue
		}
		records, upTo, size = append(records, r), seq, size+len(r)
	}
	s.unread.Store(int64(s.log.Unread()))
	return records, upTo
}

// unlogged queues a message that comes from the log.
func (o *Outbox) unlogged(enc []byte) {
	switch {
	case o.sealed:
		frames, _ := decode(enc)
		o.pending.Msgs = append(o.pending.Msgs, msg.New(frames...))
	case len(enc) < refMin:
		o.append(enc)
	default:
		o.reference(enc)
	}
	o.pending.N++
	o.pending.Bytes += int64(len(enc))
}

// wellFormed reports whether a record is one whole message.
func wellFormed(p []byte) bool {
	for {
		if len(p) < 2 || p[0]&wire.FlagLarge != 0 && len(p) < 9 {
			return false
		}
		flags, head, size := header(p)
		if size < 0 || len(p)-head < size {
			return false
		}
		p = p[head+size:]
		if flags&wire.FlagMore == 0 {
			return len(p) == 0
		}
	}
}

// rewind lets a batch that was written in part come again from the log.
func (o *Outbox) rewind() {
	s := o.spill
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.Rewind()
	s.unread.Store(int64(s.log.Unread()))
	o.mu.Lock()
	o.spilling = true
	o.mu.Unlock()
}

// logged is how many messages wait on disk.
func (o *Outbox) logged() int {
	if o.spill == nil {
		return 0
	}
	return int(o.spill.unread.Load())
}

// close gives the log up; unless it is temporary, what it holds is for the next one
// who opens it.
func (s *Spill) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.temporary {
		err = s.log.Remove()
	} else {
		err = s.log.Close()
	}
	if err != nil {
		s.failed(err)
	}
}
