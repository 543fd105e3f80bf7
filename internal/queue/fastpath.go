package queue

import (
	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// This file has the ways into a queue that save something beside Put, for a socket that
// has one peer to send to and nothing to choose, and what each queue counts.

// Tally counts messages and their bytes.
type Tally struct{ Msgs, Bytes uint64 }

func (t *Tally) count(size int) {
	t.Msgs++
	t.Bytes += uint64(size)
}

func (t *Tally) uncount(size int) {
	t.Msgs--
	t.Bytes -= uint64(size)
}

// Add adds another count.
func (t *Tally) Add(more Tally) {
	t.Msgs += more.Msgs
	t.Bytes += more.Bytes
}

// PutCopy is Put of a copy, for a caller whose list of frames is to stay on its stack.
func (p *Pipe) PutCopy(frames [][]byte) (s Status, flush bool) {
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
		o.fold()
		size := 0
		if o.asMessages {
			size = o.queueMsg(o.heldMessages(frames))
		} else {
			size = o.encodeCopy(frames)
		}
		flush = o.accept(size)
	}
	o.mu.Unlock()
	return s, flush
}

// PutBatch offers messages, which are the pipe's when it takes them, in one go; it says how many were taken,
// and the status of the first that was not.
func (p *Pipe) PutBatch(ms []msg.Msg) (n int, s Status, flush bool) {
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
		flush = o.accept(o.encode(nil, ms[n].Frames, false)) || flush
		n++
	}
	return n, s, flush
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
	return peer.In.putFrames(p, nil, copyFrames(frames), false, false, peer.Origin())
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

// Sent counts what was put: over wires, and to the inproc peers that were and the one
// that is.
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
