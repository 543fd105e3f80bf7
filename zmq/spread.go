package zmq

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// spread gives copies of one message to many peers: to matching subscribers (PUB, XPUB),
// to the members of a group (RADIO), or to all publishers (XSUB). It is guarded by sendMu.
type spread struct {
	baseSender
	list []*peer // scratch: whom a message goes to
	enc  []byte  // scratch: a small message, encoded
}

// encodeMax is the size up to which a message is encoded once and then copied to each
// peer; larger ones are shared by reference.
const encodeMax = 8 << 10

// toAll offers a message to each of a list. Who has no room is passed over, and it is
// counted; with WithXPubNoDrop nothing is sent, and who sends waits.
func (f *spread) toAll(to []*peer, frames [][]byte, copied bool) (k flush, err error) {
	if f.s.opts.noDrop() && anyFull(to, frames) {
		return flush{}, errWouldBlock
	}
	e := encoding{frames: frames, copied: copied, last: len(to) - 1, enc: f.enc[:0]}
	for i, pr := range to {
		f.give(pr, i, &e, &k)
	}
	if !e.shared { // else peers have it
		f.enc = e.enc
	}
	return k, nil
}

// toList is toAll of the scratch list.
func (f *spread) toList(to []*peer, frames [][]byte, copied bool) (flush, error) {
	k, err := f.toAll(to, frames, copied)
	clear(to)
	f.list = to[:0]
	return k, err
}

// anyFull reports whether one of them has no room for a message.
func anyFull(to []*peer, frames [][]byte) bool {
	for _, pr := range to {
		if st := pr.standsFor; st != nil {
			if st.kept.Full(encodedSize(frames)) {
				return true
			}
		} else if pr.pipe.Status() == queue.Full {
			return true
		}
	}
	return false
}

// give offers the message to the i-th of the list.
func (f *spread) give(pr *peer, i int, e *encoding, k *flush) {
	if st := pr.standsFor; st != nil {
		if p := st.of.keep(st, e.own()); p != nil {
			k.add(p)
		}
		return
	}
	status, wants := e.put(pr.pipe, i)
	switch status {
	case queue.OK:
	case queue.Full:
		f.s.dropFull(pr)
	case queue.Spilled:
		f.s.out.spills = append(f.s.out.spills, spill{p: pr.pipe, enc: e.own(), size: bytesOf(e.frames), to: pr})
	case queue.Closed:
		f.s.stats.drop(dropPeerGone)
	}
	if wants {
		k.add(pr.pipe)
	}
}

// encoding is one message on its way to many peers: encoded at the first peer
// that wants bytes, and then shared.
type encoding struct {
	frames [][]byte
	copied bool
	last   int // index of the last peer
	enc    []byte
	shared bool   // enc is too large to be copied, and is shared by reference
	kept   []byte // a copy of enc that stays
}

// own is the encoded message in bytes that stay as they are.
func (e *encoding) own() []byte {
	e.encode()
	if e.shared {
		return e.enc
	}
	if e.kept == nil {
		e.kept = append([]byte(nil), e.enc...)
	}
	return e.kept
}

// put queues the message for the i-th peer.
func (e *encoding) put(p *queue.Pipe, i int) (queue.Status, bool) {
	if p.Peer() == nil {
		e.encode()
		if status, wants := p.PutEncoded(e.enc, e.shared); status != queue.NeedsFrames {
			return status, wants
		}
	}
	// Receivers may change what they get, so each gets frames of its own; the last
	// one may have the original, if it was given to us.
	return p.Put(nil, e.frames, e.copied || i < e.last || e.shared)
}

func (e *encoding) encode() {
	if len(e.enc) > 0 {
		return
	}
	size := encodedSize(e.frames)
	if size > encodeMax {
		e.enc, e.shared = make([]byte, 0, size), true
	}
	for i, f := range e.frames {
		var flags byte
		if i+1 < len(e.frames) {
			flags = wire.FlagMore
		}
		e.enc = append(wire.AppendHeader(e.enc, flags, len(f)), f...)
	}
}

// encodedSize is at least what a message takes when it is encoded.
func encodedSize(frames [][]byte) (n int) {
	for _, f := range frames {
		n += len(f) + 9
	}
	return n
}
