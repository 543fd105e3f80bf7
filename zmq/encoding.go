package zmq

import (
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// encodeMax is the size up to which a message is encoded once and then copied to each
// peer; larger ones are shared by reference.
const encodeMax = 8 << 10

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
