package queue

import (
	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/origin"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/msg"
)

// Lead puts c before everything that waits, before there is a connection. The next
// Attach sends it, and Detach takes back what was not sent.
func (o *Outbox) Lead(c wire.Command) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.pending.Control = append([]wire.Command{c}, o.pending.Control...)
	}
}

// First puts a message of one frame, which is copied, before those that wait for an
// inproc peer, of a pipe made with NewJoinable and not joined yet.
func (o *Outbox) First(body []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	m := msg.New(append([]byte(nil), body...))
	o.pending.Msgs = append([]msg.Msg{m}, o.pending.Msgs...)
	o.pending.N++
	o.pending.Bytes += int64(len(body))
}

// PutNotice queues a message of one frame that did not come from the peer, behind
// all that did. It is copied, and knows no high-water mark. The results are those
// of PutMsg.
func (b *Inbox) PutNotice(body []byte, o *buf.Origin) (announce, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false, false
	}
	if len(b.msgs) > 0 {
		m := origin.Message([][]byte{append([]byte(nil), body...)}, o)
		b.put(m, len(body))
		return b.activate(), true
	}
	// Segments are read before messages. One is behind what a reader has put, and
	// before what it will put, in whichever form that is.
	seg := encodeNotice(body, o)
	b.segs = append(b.segs, seg)
	b.held++
	b.charge(seg.Chunk)
	return b.activate(), true
}

func encodeNotice(body []byte, o *buf.Origin) Segment {
	c := buf.NewChunk(len(body) + 9)
	c.Origin = buf.Origin{Chunk: c}
	if o != nil {
		c.Origin.Peer = o.Peer
	}
	data := append(wire.AppendHeader(c.B[:0], 0, len(body)), body...)
	return Segment{Chunk: c, Data: data[:len(data):len(data)], N: 1}
}
