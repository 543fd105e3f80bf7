package pipe

import (
	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// This file is the fast path into a queue, for a socket that has one peer to send
// to and nothing to choose: it takes no lock but the queue's, and counts under it.
// The queue's own rules are the same as Put's.

// Tally counts messages and their bytes.
type Tally struct{ Msgs, Bytes uint64 }

func (t *Tally) count(size int) {
	t.Msgs++
	t.Bytes += uint64(size)
}

// Add adds another count.
func (t *Tally) Add(more Tally) {
	t.Msgs += more.Msgs
	t.Bytes += more.Bytes
}

// PutCopy offers a message whose bytes and slices stay the caller's. When kick is
// true the caller must call Kick once it holds no lock.
func (p *Pipe) PutCopy(frames [][]byte) (s Status, kick bool) {
	if peer := p.peer.Load(); peer != nil {
		return p.moveCopy(peer, frames)
	}
	o := &p.Out
	o.mu.Lock()
	if peer := p.peer.Load(); peer != nil { // joined in the meantime
		o.mu.Unlock()
		return p.moveCopy(peer, frames)
	}
	if s = o.status(); s == OK {
		size := 0
		if o.sealed {
			own := o.toSeal(frames)
			size = total(own)
			o.pending.Msgs = append(o.pending.Msgs, msg.New(own...))
		} else {
			size = o.encodeCopy(frames)
		}
		kick = o.accept(size)
	}
	o.mu.Unlock()
	if s == Spilled {
		return p.spillCounted(frames, false)
	}
	return s, kick
}

// PutOwned offers a message that belongs to the pipe when it answers OK. When kick
// is true the caller must call Kick once it holds no lock.
func (p *Pipe) PutOwned(frames [][]byte) (s Status, kick bool) {
	if peer := p.peer.Load(); peer != nil {
		return p.move(peer, frames)
	}
	o := &p.Out
	o.mu.Lock()
	if peer := p.peer.Load(); peer != nil { // joined in the meantime
		o.mu.Unlock()
		return p.move(peer, frames)
	}
	if s = o.status(); s == OK {
		kick = o.accept(o.encode(frames))
	}
	o.mu.Unlock()
	if s == Spilled {
		return p.spillCounted(frames, true)
	}
	return s, kick
}

// spillCounted is spill on the fast path.
func (p *Pipe) spillCounted(frames [][]byte, owned bool) (s Status, kick bool) {
	size := total(frames)
	if s, kick = p.spill(nil, frames, owned); s == OK {
		p.Out.mu.Lock()
		p.Out.sent.count(size)
		p.Out.mu.Unlock()
	}
	return s, kick
}

// PutBatch offers messages like PutOwned, in one go; it says how many were taken,
// and the status of the first that was not.
func (p *Pipe) PutBatch(ms []msg.Msg) (n int, s Status, kick bool) {
	if peer := p.peer.Load(); peer != nil {
		return p.moveBatch(peer, ms)
	}
	o := &p.Out
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.peer.Load() != nil { // joined in the meantime: the caller has a longer way
		return 0, Full, false
	}
	for n < len(ms) && len(ms[n].Frames) > 0 {
		if s = o.status(); s != OK {
			break
		}
		kick = o.accept(o.encode(ms[n].Frames)) || kick
		n++
	}
	return n, s, kick
}

// accept counts a message of so many bytes; the caller starts the writer if told so.
func (o *Outbox) accept(size int) (kick bool) {
	o.pending.N++
	o.pending.Bytes += int64(size)
	o.sent.count(size)
	return o.wantsWriter()
}

// encode queues frames that are ours, and returns their size.
func (o *Outbox) encode(frames [][]byte) (size int) {
	if o.sealed {
		o.pending.Msgs = append(o.pending.Msgs, msg.New(frames...))
		return total(frames)
	}
	for i, f := range frames {
		size += len(f)
		o.frame(f, i+1 < len(frames), false)
	}
	return size
}

// encodeCopy queues copies of frames, and returns their size.
func (o *Outbox) encodeCopy(frames [][]byte) (size int) {
	for i, f := range frames {
		size += len(f)
		o.frame(f, i+1 < len(frames), true)
	}
	return size
}

func more(is bool) byte {
	if is {
		return wire.FlagMore
	}
	return 0
}

// small encodes a frame into the block.
func (o *Outbox) small(f []byte, isMore bool) {
	if len(f)+9 > o.limit-len(o.block) {
		o.reserve(len(f) + 9)
	}
	o.block = append(wire.AppendHeader(o.block, more(isMore), len(f)), f...)
}

// large encodes a frame's header into the block and queues its body, which is ours,
// by reference.
func (o *Outbox) large(f []byte, isMore bool) {
	o.reserve(9)
	o.block = wire.AppendHeader(o.block, more(isMore), len(f))
	o.reference(f)
	o.pending.own = append(o.pending.own, f)
}

// lookFirst is the size from which a message for an inproc peer is copied only when
// the queue was seen to have room.
const lookFirst = 512

// moveCopy gives an inproc peer a copy.
func (p *Pipe) moveCopy(peer *Pipe, frames [][]byte) (Status, bool) {
	if total(frames) >= lookFirst {
		if s := peer.In.look(); s != OK {
			return s, false
		}
	}
	return p.move(peer, copyFrames(frames))
}

// move hands a message over to an inproc peer.
func (p *Pipe) move(peer *Pipe, frames [][]byte) (s Status, announce bool) {
	m := origin.Message(frames, peer.Origin())
	size := hand(frames)
	b := &peer.In
	b.mu.Lock()
	if s = b.statusFor(p); s == OK {
		b.put(m, size)
		b.fed.count(size)
		announce = b.activate()
	}
	b.mu.Unlock()
	return s, announce
}

func (p *Pipe) moveBatch(peer *Pipe, ms []msg.Msg) (n int, s Status, announce bool) {
	o, b := peer.Origin(), &peer.In
	b.mu.Lock()
	defer b.mu.Unlock()
	for n < len(ms) && len(ms[n].Frames) > 0 {
		if s = b.statusFor(p); s != OK {
			break
		}
		size := hand(ms[n].Frames)
		b.put(origin.Message(ms[n].Frames, o), size)
		b.fed.count(size)
		n++
	}
	return n, s, n > 0 && b.activate()
}

// hand marks pooled frames as moving to a receiver, and returns the size of all.
func hand(frames [][]byte) (size int) {
	for _, f := range frames {
		buf.Hand(f)
		size += len(f)
	}
	return size
}

func total(frames [][]byte) (size int) {
	for _, f := range frames {
		size += len(f)
	}
	return size
}

// Sent counts what was put on the fast path: over wires, and to the inproc peers
// that were and the one that is.
func (p *Pipe) Sent() Tally {
	p.Out.mu.Lock()
	defer p.Out.mu.Unlock()
	t := p.Out.sent
	if peer := p.peer.Load(); peer != nil {
		t.Add(peer.In.fedBy(p, false))
	}
	return t
}

// feed names the inproc peer that may put.
func (b *Inbox) feed(p *Pipe) {
	b.mu.Lock()
	b.from, b.fed = p, Tally{}
	b.mu.Unlock()
}

// fedBy is what p has put; with over, it may put no more.
func (b *Inbox) fedBy(p *Pipe, over bool) (t Tally) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.from != p {
		return t
	}
	if over {
		b.from = nil
	}
	return b.fed
}

// unlink takes note that p has lost its peer. What was about to be put finds the
// inbox closed and looks for the next peer.
func (p *Pipe) unlink(peer *Pipe) {
	p.Out.mu.Lock()
	defer p.Out.mu.Unlock()
	p.peer.Store(nil)
	p.Out.sent.Add(peer.In.fedBy(p, true))
}
