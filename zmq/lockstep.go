package zmq

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
)

// lockstep is whose turn it is on a REQ or REP socket (RFC 28).
type lockstep struct {
	mu sync.Mutex

	// REQ: a request is under way. It begins under mu.
	awaiting atomic.Bool
	asked    *pipe.Pipe  // who has the latest request; nil once that peer is gone
	gone     atomic.Bool // it is, and Recv is to say so. Changes under mu
	id       [4]byte     // of the request, with WithReqCorrelate
	number   uint32

	// REP: a request has been taken and not yet answered. The two others are the
	// sender's while it is set, and the receiver's while it is not.
	serving  atomic.Bool
	client   *pipe.Pipe
	envelope [][]byte
}

// delimiter is the empty frame between envelope and body.
var delimiter = [][]byte{{}}

// mayRecv checks that it is time to receive.
func (t *lockstep) mayRecv(req bool) error {
	if req && !t.awaiting.Load() {
		return fmt.Errorf("%w: a REQ receives only after it has sent a request", ErrState)
	}
	if !req && t.serving.Load() {
		return fmt.Errorf("%w: a REP must answer before it receives again", ErrState)
	}
	return nil
}

// putRequest sends a request: the empty delimiter, after the request's number when
// answers are correlated, and the body.
func (s *Socket) putRequest(frames [][]byte, copied bool) (kick, error) {
	o := s.opts.get()
	t := &s.turn
	if !t.maySend(o.reqRelaxed) {
		return kick{}, fmt.Errorf("%w: a REQ sends again only after it has received the reply", ErrState)
	}
	k := kick{resume: s.dropReplies()}
	t.mu.Lock()
	defer t.mu.Unlock()
	pre, id := delimiter, t.nextID()
	if o.reqCorrelate {
		pre = [][]byte{append([]byte(nil), id[:]...), {}}
	}
	p, kicks := s.out.balance.Send(pre, frames, copied)
	if p == nil {
		if failed := s.out.balance.Failed(); failed != nil {
			return k, swapError(failed)
		}
		return k, errWouldBlock
	}
	t.asked, t.id = p, id
	t.gone.Store(false)
	t.awaiting.Store(true)
	if kicks {
		k.one = p
	}
	return k, nil
}

// dropReplies drops what has come before the next request is sent: it cannot be the
// answer to it. It returns the peers on whose queues there is room again.
func (s *Socket) dropReplies() (resume []*pipe.Pipe) {
	s.recvMu.Lock()
	defer s.recvMu.Unlock()
	stale := s.in.front.clear()
	s.merge()
	for !s.in.fair.Empty() {
		m, from, r := s.in.fair.Next(0)
		if r != nil {
			resume = append(resume, r)
		}
		if from != nil {
			m.Release()
			stale++
		}
	}
	s.stats.dropN(dropStale, stale)
	return resume
}

func (t *lockstep) nextID() (id [4]byte) {
	if t.number == 0 {
		t.number = rand.Uint32()
	}
	binary.BigEndian.PutUint32(id[:], t.number+1)
	t.number++
	return id
}

// openReply takes the envelope off a reply. It reports whether this is the answer
// to the request under way; anything else is dropped.
func (s *Socket) openReply(in *taken) bool {
	t := &s.turn
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.awaiting.Load() || t.asked != nil && in.from != t.asked {
		s.stats.drop(dropStale)
		return false
	}
	f := in.m.Frames
	if s.opts.get().reqCorrelate {
		if string(f[0]) != string(t.id[:]) {
			s.stats.drop(dropStale)
			return false
		}
		f = f[1:]
	}
	if len(f) < 2 || len(f[0]) != 0 {
		s.stats.drop(dropMalformed)
		return false
	}
	in.m.Frames = f[1:]
	return true
}

func (t *lockstep) gotReply() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone.Store(false)
	t.awaiting.Store(false)
}

// giveUp ends a request whose peer is gone, or says errWouldBlock when another one
// has taken its place meanwhile.
func (t *lockstep) giveUp() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.gone.Load() {
		return errWouldBlock
	}
	t.gone.Store(false)
	t.awaiting.Store(false)
	return ErrPeerGone
}

// openRequest splits a request into envelope and body. One without a delimiter is
// dropped.
func (s *Socket) openRequest(in *taken) bool {
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
	s.stats.drop(dropMalformed)
	return false
}

// keepEnvelope copies an envelope: the message it came with may be released
// before the reply is sent.
func keepEnvelope(frames [][]byte) [][]byte {
	if len(frames) == 1 {
		return delimiter
	}
	return msgCopy(frames)
}

func (t *lockstep) gotRequest(from *pipe.Pipe, envelope [][]byte) {
	t.client, t.envelope = from, envelope
	t.serving.Store(true)
}

// putReply answers the request. When its client is gone or full the reply is
// dropped and counted, as a ROUTER does.
func (s *Socket) putReply(frames [][]byte, copied bool) (kick, error) {
	t := &s.turn
	if !t.serving.Load() {
		return kick{}, fmt.Errorf("%w: a REP sends only after it has received a request", ErrState)
	}
	p := t.client
	status, k := p.Put(t.envelope, frames, copied)
	t.client, t.envelope = nil, nil
	t.serving.Store(false)
	switch status {
	case pipe.Full:
		s.drop(p, dropHWM)
	case pipe.Closed:
		s.drop(p, dropPeerGone)
	}
	if k {
		return kick{one: p}, nil
	}
	return kick{}, nil
}

// lostAsked is called when a peer is gone. A REQ whose request it had may take the
// answer from anybody, as libzmq does, or with WithReqFailFast tells its program.
// A request that waits for the next connection is still to be answered.
func (s *Socket) lostAsked(p *pipe.Pipe) {
	if s.row.Recv != pattern.RecvReply || p.Out.Pending() > 0 {
		return
	}
	o := s.opts.get()
	if s.turn.lost(p, o.reqFailFast || o.reqRelaxed) {
		s.arrive.wakeAll()
	}
}

// lost forgets a peer that is gone, and reports whether Recv is to be told.
func (t *lockstep) lost(p *pipe.Pipe, tell bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asked != p {
		return false
	}
	t.asked = nil
	if !tell || !t.awaiting.Load() {
		return false
	}
	t.gone.Store(true)
	return true
}

// orphaned reports whether a request is under way whose peer is gone.
func (t *lockstep) orphaned() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.awaiting.Load() && t.asked == nil
}

func (t *lockstep) maySend(relaxed bool) bool { return relaxed || !t.awaiting.Load() }

func (t *lockstep) mayReply() bool { return t.serving.Load() }
