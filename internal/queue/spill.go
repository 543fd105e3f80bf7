package queue

import (
	"errors"
	"sync"
	"sync/atomic"

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

// InMemory says whether what is put is to stay in memory, although there is a swap.
func (p *Pipe) InMemory(on bool) {
	p.Out.mu.Lock()
	p.Out.inMemory = on
	p.Out.mu.Unlock()
}

// Spill queues a message on disk, after Put has answered Spilled, and waits for the disk.
// enc is the message in ZMTP 2.0 framing (Encode), which nobody changes any more, and
// size the bytes of its frames, or -1 where it was counted before. The caller holds no lock. By now there may be room in
// memory, or none at all: then the answer is OK or Full. With Failed, err says why.
func (p *Pipe) Spill(enc []byte, size int) (s Status, flush bool, err error) {
	spill, at, s, flush, err := p.toLog(enc)
	switch {
	case s == unsynced:
		s = OK
	case s == OK && spill.sync:
		s, err = spill.synced(at)
	}
	if s == OK && size >= 0 {
		p.Out.mu.Lock()
		p.Out.sent.count(size)
		p.Out.mu.Unlock()
	}
	return s, flush, err
}

// Encode makes a message what Spill takes.
func Encode(pre, frames [][]byte) []byte { return appendMessage(nil, pre, frames) }

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
func (p *Pipe) toLog(enc []byte) (s *Spill, at swap.Place, status Status, flush bool, err error) {
	o := &p.Out
	s = o.spill
	s.mu.Lock()
	defer s.mu.Unlock()
	if status, flush = o.turnToLog(enc); status != Spilled {
		return s, at, status, flush, nil
	}
	at, err = s.log.Append(enc)
	if err != nil {
		status, err = o.refusedByLog(s, err)
		return s, at, status, false, err
	}
	s.unread.Add(1)
	o.mu.Lock()
	defer o.mu.Unlock()
	return s, at, OK, o.wantsWriter(), nil
}

// turnToLog says that messages go to the log from now on, unless the writer has taken
// everything meanwhile: then there is room in the queue.
func (o *Outbox) turnToLog(enc []byte) (Status, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.status()
	if s == OK {
		o.unlogged(enc)
		return unsynced, o.wantsWriter()
	}
	if s == Spilled {
		o.spilling = true
	}
	return s, false
}

// unsynced is OK for a message that did not go to the log.
const unsynced Status = 0x80

// refusedByLog is the answer when the log took nothing. One that is full is like any full
// queue, and stays so until something of it was sent; anything else is an error.
func (o *Outbox) refusedByLog(s *Spill, err error) (Status, error) {
	switch {
	case !errors.Is(err, swap.ErrFull):
		s.failed(err)
		return Failed, err
	case s.log.Len() == 0: // it is larger than all there may be
		return Failed, err
	}
	o.mu.Lock()
	o.blocked, o.logFull = true, true
	o.mu.Unlock()
	return Full, nil
}

// synced waits until a record is on the disk.
func (s *Spill) synced(at swap.Place) (Status, error) {
	err := s.log.Sync(at)
	if err == nil {
		return OK, nil
	}
	s.mu.Lock()
	s.unread.Store(int64(s.log.Unread())) // it was taken back, if it was there still
	s.mu.Unlock()
	s.failed(err)
	return Failed, err
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
	s.ack(b.logged)
	b.logged = b.logged[:0]
	o.mu.Lock()
	o.logFull = false
	wants := o.spilling && o.waits() == 0 && o.ready && !o.closed
	o.mu.Unlock()
	if !wants {
		return
	}
	records, numbers := s.read()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(records) == 0 {
		o.spilling = s.sync || s.unread.Load() > 0
		return
	}
	for _, r := range records {
		o.unlogged(r)
	}
	o.pending.logged = append(o.pending.logged[:0], numbers...)
}

// ack acknowledges messages of the log, which have been written.
func (s *Spill) ack(written []uint64) {
	if len(written) == 0 {
		return
	}
	if err := s.log.Ack(written[len(written)-1]); err != nil && !errors.Is(err, swap.ErrClosed) {
		s.failed(err)
	}
}

// read takes the next records. What is damaged has been reported and is passed over.
func (s *Spill) read() (records [][]byte, numbers []uint64) {
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
		records, numbers, size = append(records, r), append(numbers, seq), size+len(r)
	}
	s.unread.Store(int64(s.log.Unread()))
	return records, numbers
}

// unlogged queues a message that comes from the log.
func (o *Outbox) unlogged(enc []byte) {
	switch {
	case o.asMessages:
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

// rewind lets a batch of the log come again from there, without those of its messages that
// are written.
func (o *Outbox) rewind(written []uint64) {
	s := o.spill
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ack(written)
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

// Close gives up a log that no pipe has.
func (s *Spill) Close() { s.close() }

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
