package queue

import (
	"sync"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

const (
	// refMin is the frame size from which a frame is queued by reference instead
	// of being copied into a block.
	refMin = 8 << 10
	// firstBlock and nextBlock are sizes of outgoing blocks: small while there is
	// little to send, so that a thousand slow peers stay cheap.
	firstBlock = 4 << 10
	nextBlock  = 64 << 10
)

// Outbox is the sending half of a pipe. Everything in it is guarded by mu.
type Outbox struct {
	mu sync.Mutex

	pending Batch // what the next Take will get
	block   []byte
	mark    int // where the unsealed part of block begins
	limit   int // how far block may be filled
	sent    Tally
	arena   arena // for messages that wait to be sealed
	place   place // in a log that is shared; what is behind it comes after pending

	hwm     int
	byteCap int64
	own     mark // that the two come from
	// conflate: a message gives way to the next one. Never changed.
	conflate   bool
	joinable   bool   // for an inproc peer
	asMessages bool   // messages wait as messages: they must be sealed or framed anew
	ready      bool   // a connection is attached
	running    bool   // its writer has been started and has not ended
	flushing   bool   // it has not been started yet: the next flush does it
	blocked    bool   // a Put was refused
	spill      *Spill // never changed once there is something to send
	spilling   bool   // messages go to it
	logFull    bool   // it has taken nothing since, for lack of room
	inMemory   bool   // nothing more goes to it
	leaving    bool   // no further Put is taken, what waits is still written
	closed     bool
	// What a writer has taken and not written to its last byte: messages, and bytes.
	writing      int
	writingBytes int64
	cuts         uint8 // connections in a row that ended within the message that is first now
	start        func()
	idle         chan struct{} // closed when nothing is left to write; nil when nobody asked
}

// Batch is what a writer takes in one go. Its slices are reused by the next Take.
type Batch struct {
	Control []wire.Command // commands to be framed; they go first
	Iov     [][]byte       // whole messages in ZMTP 2.0 framing
	Msgs    []msg.Msg      // or as messages
	N       int            // messages
	Bytes   int64          // their frames' bytes
	own     [][]byte       // blocks and pooled frames to give back when written
	cast    []*logBlock    // that Iov reaches into
	logged  []uint64       // the messages' numbers in the swap that they come from
}

// Empty reports whether there is nothing to write.
func (b *Batch) Empty() bool { return b.N == 0 && len(b.Control) == 0 }

func (b *Batch) reset() {
	clear(b.Iov)
	clear(b.Msgs)
	clear(b.own)
	clear(b.Control)
	clear(b.cast)
	*b = Batch{Control: b.Control[:0], Iov: b.Iov[:0], Msgs: b.Msgs[:0], own: b.own[:0], cast: b.cast[:0], logged: b.logged[:0]}
}

// put queues a message.
func (o *Outbox) put(p *Pipe, pre, frames [][]byte, copied, again bool) (s Status, flush bool) {
	o.mu.Lock()
	if peer := p.peer.Load(); peer != nil { // joined in the meantime
		o.mu.Unlock()
		return peer.In.putFrames(p, pre, frames, copied, again, peer.Origin())
	}
	if s = o.status(); s == OK {
		o.fold()
		size := o.encode(pre, frames, copied)
		flush = o.accept(size)
		if again {
			o.sent.uncount(size)
		}
	}
	o.mu.Unlock()
	return s, flush
}

// encode queues frames in the form that the connection wants, and returns their size.
func (o *Outbox) encode(pre, frames [][]byte, copied bool) (size int) {
	switch {
	case !o.asMessages:
	case copied && len(pre) == 0:
		return o.queueMsg(o.heldMessages(frames))
	default:
		return o.queueMsg(join(pre, frames, copied))
	}
	for _, f := range pre {
		size += len(f)
		o.frame(f, true, true)
	}
	for i, f := range frames {
		size += len(f)
		o.frame(f, i+1 < len(frames), copied)
	}
	return size
}

// queueMsg queues a message as such.
func (o *Outbox) queueMsg(frames [][]byte) (size int) {
	o.pending.Msgs = append(o.pending.Msgs, msg.New(frames...))
	return total(frames)
}

// accept counts a message of so many bytes; the caller starts the writer if told so.
func (o *Outbox) accept(size int) (flush bool) {
	o.pending.N++
	o.pending.Bytes += int64(size)
	o.sent.count(size)
	return o.wantsWriter()
}

// PutEncoded queues one message that is already in ZMTP 2.0 framing. The bytes
// are copied when small, and shared by reference otherwise. The answer is NeedsFrames
// where messages must be sealed, or go to an inproc peer; then Put takes it.
func (p *Pipe) PutEncoded(enc []byte, shared bool) (s Status, flush bool) {
	if p.peer.Load() != nil {
		return NeedsFrames, false
	}
	o := &p.Out
	o.mu.Lock()
	switch s = o.status(); {
	case o.asMessages:
		s = NeedsFrames
	case s != OK:
	default:
		o.fold()
		if shared {
			o.reference(enc)
		} else {
			o.append(enc)
		}
		o.pending.N++
		o.pending.Bytes += int64(len(enc))
		flush = o.wantsWriter()
	}
	o.mu.Unlock()
	return s, flush
}

func (o *Outbox) status() Status {
	if o.closed || o.leaving {
		return Closed
	}
	if o.conflate {
		o.giveWay()
		return OK
	}
	if o.spilling && !(o.inMemory && o.logged() == 0 && !o.pending.Logged()) {
		return o.toSpill()
	}
	if !o.full() {
		return OK
	}
	if o.spill != nil {
		return o.toSpill()
	}
	o.blocked = true
	return Full
}

// full reports whether a mark is reached, by what waits and what is being written.
func (o *Outbox) full() bool {
	n, size := o.held()
	return o.hwm > 0 && n >= o.hwm || o.byteCap > 0 && size >= o.byteCap
}

// held is what the marks bound: what waits, and what is not written to its last byte.
func (o *Outbox) held() (msgs int, bytes int64) {
	msgs, bytes = o.unread()
	return o.pending.N + msgs + o.writing, o.pending.Bytes + bytes + o.writingBytes
}

// hasRoom reports, once, that one who was refused may try again.
func (o *Outbox) hasRoom() bool {
	if !o.blocked || o.spill == nil && o.full() {
		return false
	}
	o.blocked = false
	return true
}

func (o *Outbox) toSpill() Status {
	if !o.logFull && !o.inMemory {
		return Spilled
	}
	o.blocked = true
	return Full
}

func (o *Outbox) look() Status {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conflate && !o.closed && !o.leaving {
		return OK
	}
	if s := o.status(); s != Spilled {
		return s
	}
	return OK
}

// Leave refuses further messages, as Close does; those that wait are still
// written.
func (o *Outbox) Leave() {
	o.mu.Lock()
	o.fold()
	o.leaving = true
	o.mu.Unlock()
}

// wantsWriter reports that a writer must be started, and counts it as started.
func (o *Outbox) wantsWriter() bool {
	if !o.ready || o.running {
		return false
	}
	o.running, o.flushing = true, true
	return true
}

// flush starts the writer, once: between a Put and its flush the connection may have
// been lost and another one attached, which has asked for a flush of its own.
func (o *Outbox) flush() {
	o.mu.Lock()
	start := o.start
	if !o.flushing {
		start = nil
	}
	o.flushing = false
	o.mu.Unlock()
	if start != nil {
		start()
	}
}

// frame encodes one frame into the block, or its header there and its body by
// reference.
func (o *Outbox) frame(f []byte, more, copied bool) {
	switch {
	case len(f) < refMin:
		o.small(f, more)
		if !copied {
			buf.Free(f)
		}
	case copied:
		o.large(append(buf.Alloc(len(f))[:0], f...), more)
	default:
		o.large(f, more)
	}
}

// append copies bytes that may not be split from each other into the block.
func (o *Outbox) append(enc []byte) {
	o.reserve(len(enc))
	o.block = append(o.block, enc...)
}

// reference queues bytes that stay where they are.
func (o *Outbox) reference(f []byte) {
	o.endSegment()
	o.pending.Iov = append(o.pending.Iov, f)
}

// reserve makes sure that the block has room for n more bytes.
func (o *Outbox) reserve(n int) {
	if o.limit-len(o.block) >= n {
		return
	}
	size := firstBlock
	if o.block != nil {
		o.retire()
		size = nextBlock
	}
	o.block, o.mark = buf.Alloc(max(size, n))[:0], 0
	o.limit = buf.Usable(o.block)
}

// endSegment ends the current part of the block, so that a reference can follow it.
func (o *Outbox) endSegment() {
	if len(o.block) > o.mark {
		o.pending.Iov = append(o.pending.Iov, o.block[o.mark:len(o.block):len(o.block)])
		o.mark = len(o.block)
	}
}

// retire hands the block over to the batch.
func (o *Outbox) retire() {
	if o.block == nil {
		return
	}
	o.endSegment()
	o.pending.own = append(o.pending.own, o.block)
	o.block, o.mark, o.limit = nil, 0, 0
}

// maxPongs is how many PONGs wait for a peer that asks faster than it reads.
const maxPongs = 16

// Control queues a command for the connected peer. Without a connection it is
// dropped: whatever must outlive a connection is said again on the next one. Each PING
// gets its PONG (RFC 37), but a peer can't make us hoard them: over maxPongs the last
// one gives way. Of PING and TAKEN the latest says all.
func (o *Outbox) Control(c wire.Command) (flush bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ready || o.closed {
		return false
	}
	if last := o.givesWay(c.Kind); last != nil {
		*last = c
		return false
	}
	o.pending.Control = append(o.pending.Control, c)
	return o.wantsWriter()
}

// givesWay is the command that waits and has nothing to say beside another one of its
// kind; nil when there is none.
func (o *Outbox) givesWay(kind wire.CommandKind) (last *wire.Command) {
	spare := 0
	switch kind {
	case wire.Pong, wire.Unheeded:
		spare = maxPongs - 1
	case wire.Ping, wire.Taken:
	default:
		return nil
	}
	for i := range o.pending.Control {
		if c := &o.pending.Control[i]; c.Kind == kind {
			if spare--; spare < 0 {
				last = c
			}
		}
	}
	return last
}

// Pending is the number of messages accepted and not yet written.
func (o *Outbox) Pending() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waits() + o.writing + o.logged()
}

// Writing reports whether messages are being written.
func (o *Outbox) Writing() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.writing > 0
}

// Idle returns a channel that is closed once nothing is left to write.
func (o *Outbox) Idle() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.idle == nil {
		o.idle = make(chan struct{})
		o.signalIdle()
	}
	return o.idle
}

func (o *Outbox) signalIdle() {
	if o.idle == nil || !o.closed && (o.waits() > 0 || o.writing > 0 || o.logged() > 0) {
		return
	}
	select {
	case <-o.idle:
	default:
		close(o.idle)
	}
}

// Close refuses further messages and drops what waits; it returns how many
// messages that were.
func (o *Outbox) Close() (dropped int) {
	dropped, first := o.close()
	if first && o.spill != nil {
		o.spill.close()
	}
	return dropped
}

func (o *Outbox) close() (dropped int, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, false
	}
	o.closed, o.ready, o.start = true, false, nil
	o.fold()
	dropped = o.pending.N
	if s := o.spill; s != nil && s.temporary {
		dropped += o.logged()
	} else if o.pending.Logged() {
		dropped = 0 // they are on disk
	}
	o.retire()
	o.release(&o.pending)
	o.signalIdle()
	return dropped, true
}

// release gives the buffers of a batch back.
func (o *Outbox) release(b *Batch) {
	for _, f := range b.own {
		buf.Free(f)
	}
	for _, k := range b.cast {
		k.release()
	}
	b.reset()
}

func (o *Outbox) setHWM(hwm int) (writable bool, now mark) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.own.msgs = hwm
	o.hwm, o.byteCap, now = hwm, o.own.bound(), o.own
	if c := o.place.cast; c != nil {
		c.stale.Store(true)
	}
	return o.hasRoom(), now
}
