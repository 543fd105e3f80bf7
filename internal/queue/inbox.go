package queue

import (
	"math"
	"slices"
	"sync"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/msg"
)

// Inbox is the receiving half of a pipe. Producers use the methods that lock; the
// one consumer (guarded by its socket's receive lock) uses Next.
type Inbox struct {
	mu      sync.Mutex
	segs    []Segment // filled by a reader
	msgs    []msg.Msg // filled by an inproc peer, or where a reader decodes itself
	held    int       // messages put and not yet reported as taken
	bytes   int64     // what they are charged for; see charge.go
	tail    uint64    // serial of the chunk that was charged last
	own     mark      // the socket's share of the two bounds below,
	far     *mark     // and the inproc peer's; nil when there is none
	hwm     int       // 0: no limit
	byteCap int64     // 0: no limit
	// conflate: a message gives way to the next one.
	conflate bool
	from     *Pipe // the inproc peer that may put; nil where there is none
	fed      Tally // what it has put
	active   bool  // the owner knows that there is something
	blocked  bool  // a producer was refused
	closed   bool

	// The consumer's. What it touches for each message comes last, on two cache lines
	// that nobody else writes to and together with its pipe's place in the round: a
	// socket that takes one message from each of many peers in turn has them all in
	// its cache, or waits for memory at every step.
	_          [21]byte
	outSegs    []Segment
	outMsgs    []msg.Msg
	segAt      int
	msgAt      int
	calm       int     // small batches in a row
	seg        Segment // being decoded
	taken      int     // messages taken since the last report
	takenBytes int64   // what was charged for those taken, but for headBytes
	lwm        int     // how many taken messages make a report; refreshed at each one
	lwmBytes   int64   // and how many bytes
	head       uint64  // serial of the chunk that the last taken message stands in,
	headBytes  int64   // and what that was charged for
}

// keepSlots is how many queue slots an inbox keeps whatever happens; it gives up
// more than that once calmSwaps batches in a row have used but a quarter.
const (
	keepSlots = 256
	calmSwaps = 64
)

// Room is how many messages a reader may put now. When it is 0, the reader waits
// on the pipe's Room channel and asks again.
func (b *Inbox) Room() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	room := b.room()
	b.blocked = b.blocked || room == 0
	return room
}

// room is Room for a producer that has just put something and does not wait yet.
func (b *Inbox) room() int {
	switch {
	case b.full():
		return 0
	case b.hwm <= 0 || b.conflate:
		return math.MaxInt
	}
	return b.hwm - b.held
}

func (b *Inbox) full() bool {
	return !b.conflate && (b.hwm > 0 && b.held >= b.hwm || b.byteCap > 0 && b.bytes >= b.byteCap)
}

// PutSegment queues a segment, for which the reader has seen room. room is what Room
// would answer now: no more than that may follow, and nothing of another chunk when it
// is 0. announce says that the owner must be told (Pipe.Announce); ok is false when
// the inbox is closed and the segment was not taken.
func (b *Inbox) PutSegment(s Segment) (room int, announce, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, false, false
	}
	if b.conflate {
		b.giveWay()
		s = s.last()
	}
	b.segs = append(b.segs, s)
	b.held += s.N
	b.charge(s.Chunk)
	return b.room(), b.activate(), true
}

// PutMsg queues one decoded message; see PutSegment.
func (b *Inbox) PutMsg(m msg.Msg) (room int, announce, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, false, false
	}
	b.put(m, m.Size())
	return b.room(), b.activate(), true
}

// PutMsgs queues some decoded messages, which may be none; see PutSegment.
func (b *Inbox) PutMsgs(msgs []msg.Msg) (announce, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(msgs) == 0 {
		return false, !b.closed
	}
	for _, m := range msgs {
		b.put(m, m.Size())
	}
	return b.activate(), true
}

// put queues a message whose frames have size bytes.
func (b *Inbox) put(m msg.Msg, size int) {
	if b.conflate {
		b.giveWay()
	}
	b.msgs = append(b.msgs, m)
	b.held++
	b.chargeMsg(m, size)
}

// activate notes that there is something to take; true when nobody knew.
func (b *Inbox) activate() bool {
	was := b.active
	b.active = true
	return !was
}

// putFrames moves a message over from an inproc peer.
func (b *Inbox) putFrames(from *Pipe, pre, frames [][]byte, copied, again bool, o *buf.Origin) (Status, bool) {
	if copied || len(pre) > 0 {
		// A refused message must cost little.
		if copied && total(frames) >= lookFirst {
			if s := b.look(); s != OK {
				return s, false
			}
		}
		frames = join(pre, frames, copied)
	}
	m := origin.Message(frames, o)
	size := hand(frames)
	b.mu.Lock()
	s := b.statusFor(from)
	announce := false
	if s == OK {
		b.put(m, size)
		if !again {
			b.fed.count(size)
		}
		announce = b.activate()
	}
	b.mu.Unlock()
	return s, announce
}

// statusFor is status for an inproc peer, which may be one no longer.
func (b *Inbox) statusFor(p *Pipe) Status {
	if b.from != p {
		return Closed
	}
	return b.status()
}

func (b *Inbox) status() Status {
	if b.closed {
		return Closed
	}
	if b.full() {
		b.blocked = true
		return Full
	}
	return OK
}

func (b *Inbox) look() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status()
}

// Next takes the next message, leaving lead empty frames in front for the
// caller to fill. When resume is true the caller must call Pipe.Resume once it
// holds no lock. When ok is false the inbox is empty, and Announce will follow
// the next Put.
func (b *Inbox) Next(lead int) (m msg.Msg, ok, resume bool) {
	for {
		switch {
		case b.seg.N > 0:
			m = b.seg.next(lead)
			return m, true, b.took(b.seg.N == 0)
		case b.segAt < len(b.outSegs):
			b.seg = b.outSegs[b.segAt]
			b.outSegs[b.segAt] = Segment{}
			b.segAt++
			b.enter(b.seg.Chunk)
		case b.msgAt < len(b.outMsgs):
			m = b.outMsgs[b.msgAt]
			b.outMsgs[b.msgAt] = msg.Msg{}
			b.msgAt++
			b.enterMsg(m)
			if lead > 0 {
				m = origin.Message(append(make([][]byte, lead, lead+len(m.Frames)), m.Frames...), origin.Of(m))
			}
			return m, true, b.took(true)
		default:
			more, res := b.swap()
			resume = resume || res
			if !more {
				return msg.Msg{}, false, resume
			}
			if resume {
				m, ok, _ = b.Next(lead)
				return m, ok, true
			}
		}
	}
}

// took counts a message, and reports to the producer each time half of the
// high-water mark has been taken, as libzmq does. last says that it was the last of an
// entry: whoever takes it may not come again before there is more.
func (b *Inbox) took(last bool) (resume bool) {
	b.taken++
	if b.taken < b.lwm && b.takenBytes < b.lwmBytes && !(last && b.takenBytes+b.headBytes >= b.lwmBytes) {
		return false
	}
	b.mu.Lock()
	resume = b.report()
	b.mu.Unlock()
	return resume
}

func (b *Inbox) report() (resume bool) {
	b.lwm = math.MaxInt
	if b.hwm > 0 {
		b.lwm = (b.hwm + 1) / 2
	}
	b.lwmBytes = math.MaxInt64
	if b.byteCap > 0 {
		b.lwmBytes = b.byteCap / 2
	}
	if b.drained() {
		b.settle()
	}
	b.held -= b.taken
	b.bytes = max(0, b.bytes-b.takenBytes)
	b.taken, b.takenBytes = 0, 0
	if b.blocked && !b.full() {
		b.blocked = false
		return true
	}
	return false
}

// Spent reports that the consumer has taken all that was there when it looked last; there
// may be more since. It is the consumer's.
func (b *Inbox) Spent() bool {
	return b.seg.N == 0 && b.segAt == len(b.outSegs) && b.msgAt == len(b.outMsgs)
}

// drained reports that the consumer has taken all there is.
func (b *Inbox) drained() bool {
	return b.Spent() && len(b.segs) == 0 && len(b.msgs) == 0
}

// swap takes everything that has come in.
func (b *Inbox) swap() (more, resume bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	resume = b.report()
	if len(b.segs) == 0 && len(b.msgs) == 0 {
		b.active = false
		return false, resume
	}
	b.shrink(len(b.msgs))
	b.outSegs, b.segs, b.segAt = b.segs, b.outSegs[:0], 0
	b.outMsgs, b.msgs, b.msgAt = b.msgs, b.outMsgs[:0], 0
	return true, resume
}

// shrink gives up the slots of a past burst, at a swap for n messages.
func (b *Inbox) shrink(n int) {
	if cap(b.outMsgs) <= keepSlots || n > cap(b.outMsgs)/4 {
		b.calm = 0
		return
	}
	if b.calm++; b.calm > calmSwaps {
		b.outMsgs, b.calm = nil, 0
	}
}

// Len is the number of messages put and not yet taken. It is the consumer's.
func (b *Inbox) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held - b.taken
}

// Discard drops what is queued. It is the consumer's.
func (b *Inbox) Discard() (n int, resume bool) {
	for {
		m, ok, res := b.Next(0)
		resume = resume || res
		if !ok {
			return n, resume
		}
		m.Release()
		n++
	}
}

// Revoke takes the newest message back that was put as one, and of which is is true. It
// is the consumer's.
func (b *Inbox) Revoke(is func(msg.Msg) bool) (m msg.Msg, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m, ok = cutLast(&b.msgs, 0, is); !ok {
		m, ok = cutLast(&b.outMsgs, b.msgAt, is)
	}
	if ok {
		b.held--
		b.bytes = max(0, b.bytes-int64(m.Size()))
	}
	return m, ok
}

// cutLast takes the last message for which is is true out of those from a place on.
func cutLast(msgs *[]msg.Msg, from int, is func(msg.Msg) bool) (m msg.Msg, ok bool) {
	for i := len(*msgs) - 1; i >= from; i-- {
		if m = (*msgs)[i]; is(m) {
			*msgs = slices.Delete(*msgs, i, i+1)
			return m, true
		}
	}
	return msg.Msg{}, false
}

// Close refuses further messages; those queued stay readable.
func (b *Inbox) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
}

// HasNext reports whether Next would return a message. It is the consumer's.
func (b *Inbox) HasNext() bool {
	if !b.Spent() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.segs) > 0 || len(b.msgs) > 0
}

// Done reports whether the inbox is closed and nothing is left in it. It is the
// consumer's.
func (b *Inbox) Done() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed && !b.active
}

// setHWM changes the limit in messages. A producer that waits under the old one
// is let on by the next report.
func (b *Inbox) setHWM(hwm int) {
	b.mu.Lock()
	b.own.msgs = hwm
	b.limit()
	b.mu.Unlock()
}

// extend adds an inproc peer's share to the limits; nil: there is no peer any more.
func (b *Inbox) extend(far *mark) {
	b.mu.Lock()
	b.far = far
	b.limit()
	b.mu.Unlock()
}

// limit works the bounds out. Over inproc each is the sum of both sides', and there is
// none where either side has none.
func (b *Inbox) limit() {
	b.hwm, b.byteCap = b.own.msgs, b.own.bound()
	if b.far != nil {
		b.hwm, b.byteCap = sum(b.hwm, b.far.msgs), sum(b.byteCap, b.far.bound())
	}
}

func sum[N int | int64](a, b N) N {
	if a == 0 || b == 0 {
		return 0
	}
	return a + b
}
