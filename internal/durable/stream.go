package durable

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/window"
)

// Bounds say how much of a stream is kept.
type Bounds struct {
	Msgs  int           // messages
	Bytes int64         // bytes; 0: any number
	Away  time.Duration // how long the subscriber may be away; 0: any time
}

// Stream is one subscriber's messages, with their numbers, which begin with 1. Its methods
// may be called by several goroutines, and none of them waits for a disk.
type Stream struct {
	epoch uint64

	mu     sync.Mutex // guards what follows
	bounds Bounds
	// kept are the messages. One of nil is on disk, or lost; what Next answers next is not
	// written. The front is what the subscriber's program has not taken, or the bounds'.
	kept      window.Window[[]byte]
	acked     uint64 // number of the last one that the subscriber's program has taken
	forgotten uint64 // messages that were given up before they were sent

	live bool   // there is a connection, whose subscriber has said what it has
	put  uint64 // how many messages Next has answered since Begin

	expired bool // it is away for too long: messages are only counted
	closed  bool
	disk    *onDisk // nil: all is kept in memory
}

// New makes a stream that is kept in memory, unless OnDisk follows. The subscriber is away
// at first.
func New(b Bounds) *Stream {
	s := &Stream{epoch: rand.Uint64() | 1, bounds: b}
	s.kept.Pass() // the number 0
	s.kept.Seek(1)
	return s
}

// Epoch tells the stream from an earlier one of the same name.
func (s *Stream) Epoch() uint64 { return s.epoch }

// SetBounds changes the bounds from the next message on.
func (s *Stream) SetBounds(b Bounds) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bounds = b
}

// Away is how long the subscriber may be away; 0: any time.
func (s *Stream) Away() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bounds.Away
}

// Len is how many messages are kept.
func (s *Stream) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Len()
}

// Append keeps one more message, whose bytes nobody changes any more, and drops the oldest
// ones that are too many for it. One that is alone over the bound of bytes is kept as the
// last one until the next one comes, or nobody could ever have it.
func (s *Stream) Append(enc []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return
	case s.expired:
		s.kept.Pass()
		s.forgotten++
		return
	}
	s.kept.Put(enc, len(enc))
	if s.disk != nil {
		s.disk.waits(s, enc)
	}
	for s.kept.Len() > 1 && s.kept.Over(s.bounds.Msgs, s.bounds.Bytes) {
		s.dropTo(s.kept.First() + 1)
	}
}

// Forgotten is how many messages were given up before they were sent: over the bounds, with
// a subscriber that was away for too long, on a disk that did not take or give them, or at
// the end. One that is back is told of them, where it can be.
func (s *Stream) Forgotten() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forgotten
}

// dropTo gives up what comes before a number.
func (s *Stream) dropTo(number uint64) {
	if from, to := max(s.kept.First(), s.kept.Next()), min(number, s.kept.End()); from < to {
		s.forgotten += to - from
	}
	if s.disk != nil {
		s.disk.drop(s, number)
		return
	}
	s.kept.Drop(number)
}

// Resume is called when a subscriber that has come says up to which number it has the
// messages of an epoch. before is the number before the one that Next answers first, and
// missed how many it has missed for good. An ok of false says that it has come already.
func (s *Stream) Resume(epoch, has uint64) (before, missed uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live || s.closed {
		return 0, 0, false
	}
	from := s.acked + 1
	if epoch == s.epoch {
		from = min(has, s.kept.End()-1) + 1
	}
	s.kept.Seek(from)
	missed = s.kept.Lost()
	s.kept.Seek(from + missed)
	s.put, s.live = 0, true
	if s.disk != nil {
		s.disk.forgetRead()
	}
	return from + missed - 1, missed, true
}

// Leave is called when the subscriber's connection has ended.
func (s *Stream) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = false
	if s.disk != nil {
		s.disk.forgetRead()
	}
}

// Item is what Next answers: a message; or, with Missed, so many that are lost behind the
// After that came before on this connection.
type Item struct {
	Enc           []byte
	Missed, After uint64
}

// Next is what goes to the subscriber next; ok is false when nothing does. Then it is
// there already, or the disk has been asked for it, and Ready is called. What was
// answered counts as sent only with Sent, but for what is missed.
func (s *Stream) Next() (it Item, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.kept.Next()
	if !s.live || s.closed || next >= s.kept.End() {
		return Item{}, false
	}
	lost := s.kept.Lost()
	switch {
	case lost > 0:
	case s.disk != nil && next < s.disk.stored:
		it.Enc, lost = s.disk.read(s)
		s.forgotten += lost
	default:
		it.Enc, lost = s.waiting(next)
		s.forgotten += lost
	}
	if lost > 0 {
		s.kept.Seek(next + lost)
		return Item{Missed: lost, After: s.put}, true
	}
	return it, it.Enc != nil
}

// waiting is the message of a number, or, with lost, the next one that is in memory behind so
// many that are lost.
func (s *Stream) waiting(number uint64) (enc []byte, lost uint64) {
	for ; number+lost < s.kept.End(); lost++ {
		if enc, _ = s.kept.At(number + lost); enc != nil {
			break
		}
	}
	return enc, lost
}

// Sent says that the message that Next has answered is on its way.
func (s *Stream) Sent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Seek(s.kept.Next() + 1)
	s.put++
	if s.disk != nil {
		s.disk.readTo(s.kept.Next())
	}
}

// Taken gives up what the subscriber's program has taken, up to a number. One that was not
// sent is none.
func (s *Stream) Taken(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live && number < s.kept.Next() {
		s.dropTo(number + 1)
		s.acked = max(s.acked, number)
	}
}

// Behind reports whether the subscriber is there, and has not been sent everything.
func (s *Stream) Behind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live && !s.closed && s.kept.Next() < s.kept.End()
}

// Expire gives up everything, and only counts what comes, until Stay.
func (s *Stream) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = true
	s.dropTo(s.kept.End())
}

// Stay ends Expire.
func (s *Stream) Stay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = false
}

// Full reports whether so much waits for the disk that a message of that size would push
// out another one. Ready is called when there is more room.
func (s *Stream) Full(size int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.disk != nil && s.disk.isFull(size)
}

// Close gives up everything. What is on disk goes as soon as the disk answers: ended,
// which may be nil, is called then.
func (s *Stream) Close(ended func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		if ended != nil {
			ended()
		}
		return
	}
	s.dropTo(s.kept.End())
	s.closed, s.live = true, false
	if s.disk == nil {
		if ended != nil {
			ended()
		}
		return
	}
	s.disk.ended = ended
	s.disk.start(s)
}
