package durable

import (
	"errors"
	"sync/atomic"
	"syscall"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/swap"
)

// This file is what a stream has on disk. Messages wait in memory until a goroutine, which
// is there only while there is something to do, has written them; it reads what a
// subscriber needs again, and removes what was given up. It alone uses the log, and holds
// no lock while it does.
//
// The messages of a stream lie in this order: those on disk, those that the goroutine has
// in hand, those that wait for it.

// Disk is where streams are kept.
type Disk struct {
	// Open opens the log of a stream, with the first message for it. The log is the
	// stream's from then on; it must be temporary, and of a Window.
	Open func() (*swap.Log, error)
	// Ready is called when Next may have something again, or Full has room. Failed is
	// called when the disk refuses to work, once until it works again, and Panicked for
	// what the goroutine ended with. They may call the stream.
	Ready    func()
	Failed   func(error)
	Panicked func(*contain.Panic)
	// Waiting is what waits for the disk, of all streams that share it.
	Waiting *Waiting
}

// Waiting bounds what waits in memory for disks: of one stream, and of all.
type Waiting struct {
	One, All int64
	now      atomic.Int64
}

// Bytes is how much waits.
func (w *Waiting) Bytes() int64 { return w.now.Load() }

const (
	// perMessage is what a message takes in memory besides its bytes.
	perMessage = 64
	// batch bounds what is written, or read, at a time; one message may be larger.
	batchBytes, batchMsgs = 256 << 10, 1000
)

func cost(enc []byte) int64 { return int64(len(enc)) + perMessage }

// onDisk is a stream's part on disk. The stream's lock guards it, but for the log.
type onDisk struct {
	Disk
	log *swap.Log // nil: not opened yet

	stored  uint64 // number of the first that was not written
	inHand  uint64 // number of the first that the goroutine has not in hand
	waiting int64  // cost of what was not written
	gone    uint64 // up to where the log was told that messages were dropped
	full    bool   // Full has said so: who asked is to hear when there is more room
	failing bool   // Failed was called
	refused bool   // the disk has refused a message: it is tried again with the next one
	running bool
	removed bool
	ended   func() // see Close; called at the end

	wanted  bool     // Next waits for messages from disk
	ahead   []record // read, and not sent yet
	aheadTo uint64   // what is below this and not in ahead is lost
	reads   uint64   // counts forgetRead
}

type record struct {
	number uint64
	enc    []byte
}

// OnDisk has a new stream keep its messages on disk.
func (s *Stream) OnDisk(d Disk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disk = &onDisk{Disk: d, stored: s.kept.First(), inHand: s.kept.First(), gone: s.kept.First()}
}

// waits notes one more message. If it is too much, the oldest ones that the goroutine has
// not in hand are lost.
func (d *onDisk) waits(s *Stream, enc []byte) {
	d.waiting += cost(enc)
	d.Waiting.now.Add(cost(enc))
	last := s.kept.End() - 1
	for n := max(d.inHand, s.kept.First()); d.over(0) && n < last; n++ {
		d.lose(s, n)
	}
	d.refused = false
	d.start(s)
}

// over reports whether too much waits, with so much more.
func (d *onDisk) over(more int64) bool {
	return d.waiting+more > d.Waiting.One || d.Waiting.now.Load()+more > d.Waiting.All
}

// isFull is Full. One message, of any size, may always wait.
func (d *onDisk) isFull(size int) bool {
	d.full = d.waiting > 0 && d.over(int64(size)+perMessage)
	return d.full
}

// settle takes back what messages have cost.
func (d *onDisk) settle(n int64) {
	d.waiting -= n
	d.Waiting.now.Add(-n)
}

// lose gives up a message that waits.
func (d *onDisk) lose(s *Stream, number uint64) {
	if enc, _ := s.kept.At(number); enc != nil {
		d.settle(cost(enc))
		s.kept.Empty(number, 0)
	}
}

// drop gives up what comes before a number, and has the log do so as well.
func (d *onDisk) drop(s *Stream, before uint64) {
	for n := max(s.kept.First(), d.stored); n < min(before, s.kept.End()); n++ {
		d.lose(s, n)
	}
	s.kept.Drop(before)
	if d.gone < min(s.kept.First(), d.stored) && d.log != nil {
		d.start(s)
	}
}

// start has the goroutine look for work.
func (d *onDisk) start(s *Stream) {
	if !d.running {
		d.running = true
		contain.Go("durable disk", s.work, s.broken)
	}
}

// broken is called when the goroutine has panicked: what was on disk is lost, and from now
// on the stream is in memory.
func (s *Stream) broken(p *contain.Panic) {
	d := s.disk
	if d.log != nil {
		_ = contain.Try("durable disk", d.log.Remove)
	}
	s.mu.Lock()
	s.disk = nil
	d.settle(d.waiting)
	ended := d.ended
	s.mu.Unlock()
	if ended != nil {
		ended()
	}
	d.Panicked(p)
}

// work does what there is to do.
func (s *Stream) work() {
	for do, ready := s.job(); do != nil; do, ready = s.job() {
		contain.Probe("durable disk")
		if do() {
			ready()
		}
	}
}

// job is what there is to do next, nil when there is nothing; ready is to be called where
// it answers true.
func (s *Stream) job() (do func() bool, ready func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.disk
	switch to := min(s.kept.First(), d.stored); {
	case s.closed:
		do = s.removing()
	case d.gone < to && d.log != nil:
		d.gone = to
		do = func() bool { s.heard(d, d.log.Drop(to)); return false }
	case d.wanted && s.live:
		next, to, reads := s.kept.Next(), d.stored, d.reads
		do = func() bool { s.readAhead(d, next, to, reads); return true }
	case !d.refused && d.log == nil && s.kept.Len() > 0:
		do = func() bool { s.open(d); return false }
	case !d.refused:
		do = s.writing()
	}
	d.running = do != nil
	return do, d.Ready
}

// removing removes the log, once.
func (s *Stream) removing() func() bool {
	d := s.disk
	if d.removed {
		return nil
	}
	d.removed = true
	return func() bool {
		if d.log != nil {
			s.heard(d, d.log.Remove())
		}
		if d.ended != nil {
			d.ended()
		}
		return false
	}
}

// open opens the log.
func (s *Stream) open(d *onDisk) {
	log, err := d.Open()
	s.heard(d, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.log, d.refused = log, err != nil
}

// writing takes messages that wait in hand.
func (s *Stream) writing() func() bool {
	d := s.disk
	from := max(d.stored, s.kept.First())
	_, lost := s.waiting(from)
	from += lost
	var list [][]byte
	size, end := 0, from
	for ; end < s.kept.End() && len(list) < batchMsgs; end++ {
		enc, n := s.kept.At(end)
		if enc == nil || len(list) > 0 && size+n > batchBytes {
			break
		}
		list, size = append(list, enc), size+n
	}
	d.stored, d.inHand = from, end
	if len(list) == 0 {
		return nil
	}
	return func() bool {
		d.log.Skip(from)
		n, err := d.log.AppendAll(list)
		if err == nil {
			return s.wrote(d, from, from+uint64(n))
		}
		s.notWritten(d, from, err)
		return false
	}
}

// wrote says that messages are on disk. It answers whether room is waited for.
func (s *Stream) wrote(d *onDisk, from, to uint64) (ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := max(from, s.kept.First()); n < min(to, s.kept.End()); n++ {
		enc, size := s.kept.At(n)
		d.settle(cost(enc))
		s.kept.Empty(n, size)
	}
	d.stored, d.inHand, d.failing = to, to, false
	ready, d.full = d.full, false
	return ready
}

// notWritten makes room for a message on a disk that is full: the last ones are those to
// keep. A disk that has nothing of the stream, or fails, leaves the message in memory.
func (s *Stream) notWritten(d *onDisk, from uint64, err error) {
	noRoom := errors.Is(err, swap.ErrFull) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
	s.mu.Lock()
	d.inHand = from
	switch {
	case noRoom && d.gone < min(s.kept.First(), from): // there is room when the log has dropped that
		s.mu.Unlock()
		return
	case noRoom && s.kept.First() < from:
		s.dropTo(min(d.log.FileEnd(s.kept.First()), from))
		s.mu.Unlock()
		return
	case errors.Is(err, swap.ErrFull) || errors.Is(err, swap.ErrTooLarge): // it is larger than all there may be
		s.giveUp(from)
		s.mu.Unlock()
		return
	}
	d.refused = true
	s.mu.Unlock()
	s.heard(d, err)
}

// giveUp gives up a message that no disk takes, unless it is the last one.
func (s *Stream) giveUp(number uint64) {
	switch last := s.kept.End() - 1; {
	case number == last:
		s.disk.refused = true
	case number >= s.kept.First() && number < last:
		s.disk.lose(s, number)
	}
}

// heard tells of a failure of the disk, once until it works again.
func (s *Stream) heard(d *onDisk, err error) {
	if err == nil || errors.Is(err, swap.ErrClosed) {
		return
	}
	s.mu.Lock()
	told := d.failing
	d.failing = true
	s.mu.Unlock()
	if !told {
		d.Failed(err)
	}
}

// read answers the next message, or how many are lost before it; or it has the goroutine
// read.
func (d *onDisk) read(s *Stream) (enc []byte, lost uint64) {
	next := s.kept.Next()
	d.readTo(next)
	switch {
	case len(d.ahead) > 0 && d.ahead[0].number == next:
		return d.ahead[0].enc, 0
	case len(d.ahead) > 0:
		return nil, d.ahead[0].number - next
	case next < d.aheadTo:
		return nil, d.aheadTo - next
	}
	d.wanted = true
	d.start(s)
	return nil, 0
}

// readTo forgets what was read before a number.
func (d *onDisk) readTo(next uint64) {
	for len(d.ahead) > 0 && d.ahead[0].number < next {
		d.ahead[0] = record{}
		d.ahead = d.ahead[1:]
	}
}

func (d *onDisk) forgetRead() {
	d.ahead, d.aheadTo, d.wanted = nil, 0, false
	d.reads++
}

// readAhead reads a batch of messages from next on, of those below to.
func (s *Stream) readAhead(d *onDisk, next, to, reads uint64) {
	d.log.Seek(next)
	var list []record
	var err error
	for size := 0; len(list) < batchMsgs && size < batchBytes; {
		number, enc, ok, failed := d.log.Next()
		if failed != nil {
			err, to = failed, min(to, d.log.FileEnd(next))
		}
		if !ok {
			break
		}
		list = append(list, record{number, enc})
		next, size = number+1, size+len(enc)
	}
	if n := len(list); n == batchMsgs || n > 0 && next < to {
		to = next
	}
	s.heard(d, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.reads == reads {
		d.ahead, d.aheadTo, d.wanted = list, to, false
	}
}
