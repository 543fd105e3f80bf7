package queue

import (
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/buf"
)

// Status is the answer to a Put.
type Status uint8

const (
	OK          Status = iota
	Full               // the high-water mark is reached; Writable will be called
	Closed             // the peer is gone for good
	NeedsFrames        // not this form of message
	Spilled            // it must go to the disk: the caller calls Spill, holding no lock
	Failed             // the disk has refused it; an answer of Spill only
)

// Owner is the socket that a pipe belongs to. Its methods are called without any
// lock of the pipe held.
type Owner interface {
	// Readable says that p went from empty to not empty.
	Readable(p *Pipe)
	// Writable says that p, which has refused a message, has room again.
	Writable(p *Pipe)
}

// Limits are the high-water marks of a pipe; 0 means no limit.
type Limits struct {
	SendHWM, RecvHWM     int   // messages
	SendBytes, RecvBytes int64 // bytes
	Conflate             bool  // only the last message is kept, and there are no marks
	// Nobody has asked for the bound in bytes: a high-water mark of 0 lifts it as well.
	SendBytesDefault, RecvBytesDefault bool
}

// mark is where one direction of a pipe is full; 0 means no limit.
type mark struct {
	msgs      int
	bytes     int64
	byDefault bool // bytes were asked for by nobody
}

// bound is the limit in bytes that holds.
func (m mark) bound() int64 {
	if m.msgs == 0 && m.byDefault {
		return 0
	}
	return m.bytes
}

// Pipe joins one peer and one socket.
type Pipe struct {
	In Inbox

	// Links put the pipe into the owner's rings; they are the owner's. RecvLink stands
	// where the consumer's part of the inbox is.
	RecvLink Link
	Turns    Turns
	Out      Outbox
	SendLink Link

	// Data is the owner's own state for this peer, guarded by the owner.
	Data any

	id     atomic.Pointer[[]byte]
	origin atomic.Pointer[buf.Origin]
	owner  Owner
	peer   atomic.Pointer[Pipe] // the other end, when both are in this process
	room   chan struct{}        // a token for a reader that waits for room
}

// New makes a pipe for a wire peer, or for an inproc peer that has yet to come.
func New(owner Owner, l Limits) *Pipe {
	p := &Pipe{owner: owner, room: make(chan struct{}, 1)}
	p.In.own = mark{l.RecvHWM, l.RecvBytes, l.RecvBytesDefault}
	p.In.limit()
	p.Out.own = mark{l.SendHWM, l.SendBytes, l.SendBytesDefault}
	p.Out.hwm, p.Out.byteCap = l.SendHWM, p.Out.own.bound()
	p.In.conflate, p.Out.conflate = l.Conflate, l.Conflate
	return p
}

// Put offers a message of pre and frames, and counts it. With copied, the caller keeps
// the bytes and the slices; without, they belong to the pipe when it answers OK. When
// flush is true the caller must call Flush once it holds no lock. It never waits, for the
// disk either.
func (p *Pipe) Put(pre, frames [][]byte, copied bool) (s Status, flush bool) {
	return p.put(pre, frames, copied, false)
}

// put is Put; with again the message was counted before.
func (p *Pipe) put(pre, frames [][]byte, copied, again bool) (s Status, flush bool) {
	for peer := p.peer.Load(); peer != nil; {
		s, flush = peer.In.putFrames(p, pre, frames, copied, again, peer.Origin())
		now := p.peer.Load()
		if s != Closed || now == peer {
			return s, flush
		}
		peer = now // the link was cut meanwhile, and perhaps made again
	}
	return p.Out.put(p, pre, frames, copied, again)
}

// Status is what Put would answer now. After Full, Writable will be called as
// after a refused Put.
func (p *Pipe) Status() Status {
	if peer := p.peer.Load(); peer != nil {
		return peer.In.look()
	}
	return p.Out.look()
}

// Flush gets things moving after a Put that asked for it: it tells the peer's
// owner, or starts the writer.
func (p *Pipe) Flush() {
	if peer := p.peer.Load(); peer != nil {
		peer.owner.Readable(peer)
		return
	}
	p.Out.flush()
}

// Resume tells whoever fills the inbox that there is room again; the consumer
// calls it, without a lock, when Inbox.Next asked for it.
func (p *Pipe) Resume() {
	if peer := p.peer.Load(); peer != nil {
		peer.owner.Writable(peer)
		return
	}
	select {
	case p.room <- struct{}{}:
	default:
	}
}

// Room is where a reader waits when Inbox.Room answered 0.
func (p *Pipe) Room() <-chan struct{} { return p.room }

// Announce tells the owner that the inbox has become readable.
func (p *Pipe) Announce() { p.owner.Readable(p) }

// Peer is the other end of an inproc pipe, nil for any other.
func (p *Pipe) Peer() *Pipe { return p.peer.Load() }

// RoutingID is what a ROUTER calls this peer; nil before it is known.
func (p *Pipe) RoutingID() []byte {
	if id := p.id.Load(); id != nil {
		return *id
	}
	return nil
}

// SetRoutingID names the peer. A pipe that outlives a connection may be named
// anew by the next one.
func (p *Pipe) SetRoutingID(id []byte) { p.id.Store(&id) }

// Origin is what received messages that own their bytes point to.
func (p *Pipe) Origin() *buf.Origin { return p.origin.Load() }

// SetOrigin changes it: with each connection the peer may be another one.
func (p *Pipe) SetOrigin(o *buf.Origin) { p.origin.Store(o) }

// Owner is the socket that the pipe belongs to.
func (p *Pipe) Owner() Owner { return p.owner }

// SetHWM changes the high-water marks in messages; what is queued stays.
func (p *Pipe) SetHWM(send, recv int) {
	p.In.setHWM(recv)
	writable, own := p.Out.setHWM(send)
	if peer := p.peer.Load(); peer != nil {
		peer.In.extend(&own)
		writable = true
	}
	if writable {
		p.owner.Writable(p)
	}
	p.Resume()
}
