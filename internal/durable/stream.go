package durable

import (
	"math/rand/v2"
	"sync"
	"time"
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
	list   []message // from head on
	head   int
	first  uint64 // number of list[head]
	bytes  int64  // of what is kept
	acked  uint64 // number of the last one that the subscriber's program has taken

	live bool   // there is a connection, whose subscriber has said what it has
	next uint64 // what Next answers next
	put  uint64 // how many messages Next has answered since Begin

	expired bool // it is away for too long: messages are only counted
	closed  bool
	disk    *onDisk // nil: all is kept in memory
}

// message is one that is kept.
type message struct {
	enc  []byte // nil: it is on disk, or lost
	size int
}

// New makes a stream that is kept in memory, unless OnDisk follows. The subscriber is away
// at first.
func New(b Bounds) *Stream {
	return &Stream{epoch: rand.Uint64() | 1, bounds: b, first: 1, next: 1}
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
	return s.len()
}

func (s *Stream) len() int { return len(s.list) - s.head }

// end is the number that the next message gets.
func (s *Stream) end() uint64 { return s.first + uint64(s.len()) }

func (s *Stream) at(number uint64) *message { return &s.list[s.head+int(number-s.first)] }

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
		s.dropTo(s.end())
		s.first++
		return
	}
	s.list = append(s.list, message{enc, len(enc)})
	s.bytes += int64(len(enc))
	if s.disk != nil {
		s.disk.waits(s, enc)
	}
	for s.len() > 1 && (s.len() > s.bounds.Msgs || s.bounds.Bytes > 0 && s.bytes > s.bounds.Bytes) {
		s.dropTo(s.first + 1)
	}
}

// dropTo gives up what comes before a number.
func (s *Stream) dropTo(number uint64) {
	for s.first < number && s.len() > 0 {
		m := &s.list[s.head]
		s.bytes -= int64(m.size)
		if m.enc != nil && s.disk != nil {
			s.disk.settle(cost(m.enc))
		}
		*m = message{}
		s.head++
		s.first++
	}
	if s.head > 64 && s.head > len(s.list)/2 {
		n := copy(s.list, s.list[s.head:])
		clear(s.list[n:])
		s.list, s.head = s.list[:n], 0
	}
	if s.disk != nil {
		s.disk.dropped(s)
	}
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
		from = min(has, s.end()-1) + 1
	}
	if s.first > from {
		missed, from = s.first-from, s.first
	}
	s.next, s.put, s.live = from, 0, true
	if s.disk != nil {
		s.disk.forgetRead()
	}
	return from - 1, missed, true
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
	if !s.live || s.closed || s.next >= s.end() {
		return Item{}, false
	}
	lost := uint64(0)
	switch {
	case s.next < s.first:
		lost = s.first - s.next
	case s.disk != nil && s.next < s.disk.stored:
		it.Enc, lost = s.disk.read(s)
	default:
		for n := s.next; n < s.end() && s.at(n).enc == nil; n++ {
			lost++
		}
		if lost == 0 {
			it.Enc = s.at(s.next).enc
		}
	}
	if lost > 0 {
		s.next += lost
		return Item{Missed: lost, After: s.put}, true
	}
	return it, it.Enc != nil
}

// Sent says that the message that Next has answered is on its way.
func (s *Stream) Sent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.put++
	if s.disk != nil {
		s.disk.readTo(s.next)
	}
}

// Taken gives up what the subscriber's program has taken, up to a number. One that was not
// sent is none.
func (s *Stream) Taken(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live && number < s.next {
		s.dropTo(number + 1)
		s.acked = max(s.acked, number)
	}
}

// Behind reports whether the subscriber is there, and has not been sent everything.
func (s *Stream) Behind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live && !s.closed && s.next < s.end()
}

// Expire gives up everything, and only counts what comes, until Stay.
func (s *Stream) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = true
	s.dropTo(s.end())
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
	s.dropTo(s.end())
	s.closed, s.live, s.list, s.head = true, false, nil, 0
	if s.disk == nil {
		if ended != nil {
			ended()
		}
		return
	}
	s.disk.ended = ended
	s.disk.start(s)
}
