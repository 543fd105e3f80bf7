package queue

import (
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
)

// SharedLog is a log of encoded messages that several pipes read at once: what goes to
// the same peers again and again is written here once, instead of into the outbox
// of each. A member's outbox holds a place in the log, and its writer takes all
// that stands behind it; so a message costs the publisher the same however many
// members there are. What cannot be shared in this way is how full each member is:
// the log counts how many messages the fullest one has room for, and looks at
// them all again when those are used up.
//
// The methods with a capital are the publisher's, one goroutine at a time. The
// zero value is ready.
type SharedLog struct {
	tail        *logBlock
	msgs, used  int // messages and bytes in tail
	members     []*Pipe
	spare       []*Pipe // room for asleep
	credit      int     // messages that every member has room for,
	creditBytes int64   // and bytes

	_ [64]byte // what members write to has cache lines of its own

	// stale says that a member's limits have changed, or that one has left.
	stale atomic.Bool
	// resting says that asleep is not empty. A writer that has nothing to write sets
	// it and then looks at the log once more; the publisher extends the log and then
	// looks at it: one of the two sees the other.
	resting atomic.Bool

	mu     sync.Mutex // taken after an outbox's
	asleep []*Pipe    // members without a running writer
	n      int        // members that have a place
	// parted is how many members have given their place up since the last End, and
	// partedAt how many messages of the log they had read by then, in all.
	parted, partedAt int

	_ [64]byte
}

// logBlock is a stretch of the log. Everybody who may still read it holds it
// once: the publisher the last one, a member all from its place on, a batch those
// that it is made of.
type logBlock struct {
	b     []byte        // all of it, written once and in order
	first int           // messages in the log before this block,
	start int64         // and bytes
	end   atomic.Uint64 // messages and bytes that may be read, as packed
	next  atomic.Pointer[logBlock]
	_     [64]byte // the members' count has a cache line of its own
	refs  atomic.Int32
}

func packed(msgs, bytes int) uint64 { return uint64(msgs)<<32 | uint64(uint32(bytes)) }

func unpack(v uint64) (msgs, bytes int) { return int(v >> 32), int(uint32(v)) }

func (k *logBlock) release() {
	if k.refs.Add(-1) == 0 {
		buf.Free(k.b)
	}
}

// place is how far an outbox has read a log; guarded by the outbox's lock.
type place struct {
	cast        *SharedLog // nil: none
	pipe        *Pipe      // of the outbox
	block       *logBlock
	msgs, bytes int  // of block
	asleep      bool // in cast.asleep, and guarded by cast.mu
}

// Open reports whether the log has members.
func (c *SharedLog) Open() bool { return len(c.members) > 0 }

// Join lets p read what is put from now on, if it has room. The answer is NeedsFrames
// where messages must be sealed, or go to an inproc peer.
func (c *SharedLog) Join(p *Pipe) Status {
	if p.peer.Load() != nil || p.Out.conflate || p.Out.spill != nil {
		return NeedsFrames
	}
	if c.tail == nil {
		c.extend(nextBlock)
	}
	o := &p.Out
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.status(); s != OK {
		return s
	}
	if o.asMessages {
		return NeedsFrames
	}
	o.fold() // out of another log
	o.enter(c, p)
	c.members = append(c.members, p)
	c.stale.Store(true)
	return OK
}

// End gives each member what it has not read yet for itself, and leaves the log
// without members. lost is how often a message was put for a member that had left
// meanwhile, so that it never got it: between Room and Put anybody may leave.
func (c *SharedLog) End() (lost int) {
	c.awake()
	for i, p := range c.members {
		p.Out.mu.Lock()
		if p.Out.place.cast == c {
			p.Out.fold()
		}
		p.Out.mu.Unlock()
		c.members[i] = nil
	}
	c.members = c.members[:0]
	return c.missed()
}

// missed counts what members that have left would have got, had they stayed.
func (c *SharedLog) missed() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parted > 0 {
		n = c.parted*(c.tail.first+c.msgs) - c.partedAt
		c.parted, c.partedAt = 0, 0
	}
	return n
}

// Room reports whether every member takes one more message. After Full, Writable
// will be called as after a refused Put; Closed says that one has left.
func (c *SharedLog) Room() Status {
	if c.credit > 0 && c.creditBytes > 0 && !c.stale.Load() {
		return OK
	}
	return c.recount()
}

// unlimited is the credit where there is no limit. Members are looked at once in
// so many messages all the same.
const unlimited = 1 << 20

func (c *SharedLog) recount() Status {
	c.stale.Store(false)
	c.credit, c.creditBytes = unlimited, unlimited
	for _, p := range c.members {
		s, msgs, bytes := p.Out.room(c)
		if s != OK {
			c.credit = 0
			return s
		}
		c.credit = min(c.credit, msgs)
		c.creditBytes = min(c.creditBytes, bytes)
	}
	return OK
}

// room is how much more a member may be given.
func (o *Outbox) room(c *SharedLog) (s Status, msgs int, bytes int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.place.cast != c {
		return Closed, 0, 0
	}
	if s := o.status(); s != OK {
		return s, 0, 0
	}
	n, size := o.held()
	msgs, bytes = unlimited, unlimited
	if o.hwm > 0 {
		msgs = o.hwm - n
	}
	if o.byteCap > 0 {
		bytes = o.byteCap - size
	}
	return OK, msgs, bytes
}

// Put appends a message, which it copies. Room must have been OK.
func (c *SharedLog) Put(frames [][]byte) {
	size := 0
	for _, f := range frames {
		size += len(f) + 9
	}
	k := c.tail
	if len(k.b)-c.used < size {
		k = c.extend(size)
	}
	b := k.b[:c.used]
	for i, f := range frames {
		var flags byte
		if i+1 < len(frames) {
			flags = wire.FlagMore
		}
		b = append(wire.AppendHeader(b, flags, len(f)), f...)
	}
	c.credit--
	c.creditBytes -= int64(len(b) - c.used)
	c.msgs, c.used = c.msgs+1, len(b)
	k.end.Store(packed(c.msgs, c.used))
}

// extend begins a new block, of at least so many bytes.
func (c *SharedLog) extend(size int) *logBlock {
	b := buf.Alloc(max(size, nextBlock))
	k := &logBlock{b: b[:buf.Usable(b)]}
	last := c.tail
	if last != nil {
		k.first, k.start = last.first+c.msgs, last.start+int64(c.used)
	}
	c.mu.Lock()
	k.refs.Store(int32(c.n + 1))
	if last != nil {
		last.next.Store(k)
	}
	c.mu.Unlock()
	c.tail, c.msgs, c.used = k, 0, 0
	if last != nil {
		last.release()
	}
	return k
}

// Wakes reports whether some member has no writer, so that Wake has something to do.
func (c *SharedLog) Wakes() bool { return c.resting.Load() }

// Wake calls flush for each member that has no writer and wants one, after Puts.
func (c *SharedLog) Wake(flush func(*Pipe)) {
	if !c.resting.Load() {
		return
	}
	list := c.awake()
	for _, p := range list {
		p.Out.mu.Lock()
		wants := p.Out.place.cast == c && p.Out.wantsWriter()
		p.Out.mu.Unlock()
		if wants {
			flush(p)
		}
	}
	c.spare = list[:0]
}

// awake takes everybody off the list of those asleep.
func (c *SharedLog) awake() []*Pipe {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.asleep
	c.asleep, c.spare = c.spare[:0], nil
	c.resting.Store(false)
	for _, p := range list {
		p.Out.place.asleep = false
	}
	return list
}

// The rest are the members' methods, called with the outbox locked.

// enter gives the outbox a place at the end of the log.
func (o *Outbox) enter(c *SharedLog, p *Pipe) {
	c.tail.refs.Add(1)
	o.place = place{cast: c, pipe: p, block: c.tail, msgs: c.msgs, bytes: c.used}
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	if !o.running {
		o.rest()
	}
}

// unread is how much of the log is behind the outbox's place.
func (o *Outbox) unread() (msgs int, bytes int64) {
	k := o.place.block
	if k == nil {
		return 0, 0
	}
	first, start := k.first+o.place.msgs, k.start+int64(o.place.bytes)
	for next := k.next.Load(); next != nil; next = k.next.Load() {
		k = next
	}
	m, b := unpack(k.end.Load())
	return k.first + m - first, k.start + int64(b) - start
}

// waits is how many messages wait to be taken by a writer.
func (o *Outbox) waits() int {
	n, _ := o.unread()
	return o.pending.N + n
}

// idles reports whether there is nothing for a writer.
func (o *Outbox) idles() bool { return o.waits() == 0 && len(o.pending.Control) == 0 }

// draw moves what is behind the outbox's place into b, by reference.
func (o *Outbox) draw(b *Batch) {
	for at := &o.place; at.block != nil; {
		next := at.block.next.Load() // before end, which is final once there is a next
		msgs, bytes := unpack(at.block.end.Load())
		if bytes > at.bytes {
			b.Iov = append(b.Iov, at.block.b[at.bytes:bytes:bytes])
			b.N += msgs - at.msgs
			b.Bytes += int64(bytes - at.bytes)
			at.block.refs.Add(1)
			b.cast = append(b.cast, at.block)
		}
		at.msgs, at.bytes = msgs, bytes
		if next == nil {
			return
		}
		at.block.release()
		at.block, at.msgs, at.bytes = next, 0, 0
	}
}

// fold takes what is behind the outbox's place over, and gives the place up.
func (o *Outbox) fold() {
	c := o.place.cast
	if c == nil {
		return
	}
	o.endSegment()
	o.draw(&o.pending)
	c.leave(o)
}

// leave gives the outbox's place up.
func (c *SharedLog) leave(o *Outbox) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := o.place.block; k != nil; {
		next := k.next.Load()
		k.release()
		k = next
	}
	if o.place.asleep {
		c.drop(o.place.pipe)
	}
	c.n--
	c.parted++
	c.partedAt += o.place.block.first + o.place.msgs
	c.stale.Store(true)
	o.place = place{}
}

// drop takes a member off the list of those asleep.
func (c *SharedLog) drop(p *Pipe) {
	for i, q := range c.asleep {
		if q == p {
			end := len(c.asleep) - 1
			c.asleep[i] = c.asleep[end]
			c.asleep[end] = nil
			c.asleep = c.asleep[:end]
			return
		}
	}
}

// rest asks the publisher of the log to start a writer after its next Put. It
// answers true when something came before the publisher could hear of that.
func (o *Outbox) rest() (more bool) {
	c := o.place.cast
	if c == nil {
		return false
	}
	c.mu.Lock()
	if !o.place.asleep {
		o.place.asleep = true
		c.asleep = append(c.asleep, o.place.pipe)
	}
	c.resting.Store(true)
	c.mu.Unlock()
	return !o.idles()
}
