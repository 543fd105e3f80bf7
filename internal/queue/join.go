package queue

import "github.com/go-zactor/zactor/internal/origin"

// NewJoinable makes a pipe whose messages wait as messages, for an inproc peer
// that has yet to come.
func NewJoinable(owner Owner, l Limits) *Pipe {
	p := New(owner, l)
	p.Out.asMessages, p.Out.joinable = true, true
	return p
}

// Join links two pipes of one process: what is put into one comes out of the
// other, moved and not copied. As in libzmq the queue from a to b holds the
// sending mark of a and the receiving mark of b together, and has no limit when
// either has none. Messages that waited in either outbox move over first.
func Join(a, b *Pipe) {
	join1(a, b)
	join1(b, a)
}

// join1 sets up the direction from p to peer.
func join1(p, peer *Pipe) {
	p.Out.mu.Lock()
	own := p.Out.own
	peer.In.extend(&own)
	peer.In.feed(p)
	peer.In.conflates(p.Out.conflate || peer.Out.conflate)
	waiting := p.Out.pending.Msgs
	for _, m := range waiting {
		peer.In.PutMsg(origin.Message(m.Frames, peer.Origin()))
	}
	p.Out.pending = Batch{}
	blocked := p.Out.blocked
	p.Out.blocked = false
	p.peer.Store(peer)
	p.Out.signalIdle()
	p.Out.mu.Unlock()
	if len(waiting) > 0 {
		peer.owner.Readable(peer)
	}
	if blocked {
		p.owner.Writable(p)
	}
}

// Part undoes Join: p keeps its messages for the next peer, and far, which was
// made for this link, sends no more; its inbox is left for the caller to close.
// Both may still be read. lost is how many messages far's owner had put before
// there was a link.
func Part(p, far *Pipe) (lost int) {
	p.unlink(far)
	lost = far.Out.Close()
	far.unlink(p)
	p.In.extend(nil)
	// A Flush that was still to come finds no peer any more.
	p.owner.Readable(p)
	far.owner.Readable(far)
	p.owner.Writable(p) // one who waited for far's reader can queue here now
	far.owner.Writable(far)
	return lost
}
