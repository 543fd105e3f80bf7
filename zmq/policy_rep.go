package zmq

import (
	"fmt"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/queue"
)

// rep is both sides of REP: each request is answered before the next is taken, and the
// reply goes where the request came from, in its envelope. (RFC 28)
type rep struct {
	baseSender
	baseReceiver

	// serving: a request has been taken and not yet answered. The two others are the
	// sender's while it is set, and the receiver's while it is not.
	serving  atomic.Bool
	writing  atomic.Bool // its answer is on its way to a disk: neither side's turn
	client   *queue.Pipe
	envelope [][]byte
}

func newRep(s *Socket) (sender, receiver) {
	r := &rep{baseSender: baseSender{s}}
	return r, r
}

// put answers the request. When its client is gone or full the reply is dropped and
// counted, as a ROUTER does.
func (r *rep) put(frames [][]byte, copied bool) (flush, error) {
	if !r.inTurn() {
		return flush{}, fmt.Errorf("%w: a REP sends only after it has received a request", ErrState)
	}
	p, envelope := r.client, r.envelope
	status, wants := p.Put(envelope, frames, copied)
	if status == queue.Spilled {
		r.writing.Store(true)
		j := r.s.spill(p, envelope, frames, copied)
		j.undo = func() { r.writing.Store(false) }
		j.done = r.answered
		return flushOf(p, wants), nil
	}
	r.answered()
	switch status {
	case queue.Full:
		r.s.stats.drop(dropHWM)
	case queue.Closed:
		r.s.stats.drop(dropPeerGone)
	}
	return flushOf(p, wants), nil
}

// answered lets the next request be taken.
func (r *rep) answered() {
	r.client, r.envelope = nil, nil
	r.writing.Store(false)
	r.serving.Store(false)
}

func (r *rep) inTurn() bool   { return r.serving.Load() && !r.writing.Load() }
func (r *rep) writable() bool { return r.inTurn() }

func (r *rep) mayRecv() error {
	if r.serving.Load() {
		return fmt.Errorf("%w: a REP must answer before it receives again", ErrState)
	}
	return nil
}

// open splits a request into envelope and body. One without a delimiter is dropped.
func (r *rep) open(in *taken) bool {
	for i, f := range in.m.Frames {
		if len(f) > 0 {
			continue
		}
		if i+1 == len(in.m.Frames) {
			break // no body
		}
		in.envelope = keepEnvelope(in.m.Frames[:i+1])
		in.m.Frames = in.m.Frames[i+1:]
		return true
	}
	r.s.stats.drop(dropMalformed)
	return false
}

// keepEnvelope copies an envelope: the message it came with may be released before the
// reply is sent.
func keepEnvelope(frames [][]byte) [][]byte {
	if len(frames) == 1 {
		return delimiter
	}
	return msgCopy(frames)
}

func (r *rep) took(in *taken) {
	r.client, r.envelope = in.from, in.envelope
	r.serving.Store(true)
}
