package zmq

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/queue"
)

// req is both sides of REQ: requests are spread over the peers, and after each one comes
// the reply of the peer that had it, before the next. (RFC 28)
type req struct {
	round
	baseReceiver

	mu       sync.Mutex
	awaiting atomic.Bool // a request is under way. It begins under mu
	asked    *queue.Pipe // who has the latest request; nil once that peer is gone
	vain     atomic.Bool // it is gone, and Recv is to say so. Changes under mu
	id       [4]byte     // of the request, with WithReqCorrelate
	number   uint32
}

func newReq(s *Socket) (sender, receiver) {
	r := &req{round: makeRound(s)}
	r.short = false
	return r, r
}

// delimiter is the empty frame between envelope and body.
var delimiter = [][]byte{{}}

// put sends a request: the empty delimiter, after the request's number when answers are
// correlated, and the body.
func (r *req) put(frames [][]byte, copied bool) (flush, error) {
	if !r.inTurn() {
		return flush{}, fmt.Errorf("%w: a REQ sends again only after it has received the reply", ErrState)
	}
	k := flush{resume: r.dropReplies()}
	r.mu.Lock()
	defer r.mu.Unlock()
	pre, id := delimiter, r.nextID()
	if r.s.opts.get().reqCorrelate {
		pre = [][]byte{append([]byte(nil), id[:]...), {}}
	}
	p, status, wants := r.peers.Send(pre, frames, copied)
	switch {
	case p == nil:
		return k, errWouldBlock
	case status == queue.Spilled:
		r.s.spill(p, pre, frames, copied).undo = func() { r.unask(id) }
	}
	r.asked, r.id = p, id
	r.vain.Store(false)
	r.awaiting.Store(true)
	if wants {
		k.one = p
	}
	return k, nil
}

// unask takes back a request that did not get to the disk.
func (r *req) unask(id [4]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.id == id {
		r.asked = nil
		r.awaiting.Store(false)
	}
}

func (r *req) nextID() (id [4]byte) {
	if r.number == 0 {
		r.number = rand.Uint32()
	}
	binary.BigEndian.PutUint32(id[:], r.number+1)
	r.number++
	return id
}

// dropReplies drops what has come before the next request is sent: it cannot be the
// answer to it. It returns the peers on whose queues there is room again.
func (r *req) dropReplies() (resume []*queue.Pipe) {
	s := r.s
	s.recvMu.Lock()
	defer s.recvMu.Unlock()
	stale := s.in.front.clear()
	s.merge()
	for !s.in.fair.Empty() {
		m, from, more := s.in.fair.Next(0)
		if more != nil {
			resume = append(resume, more)
		}
		if from != nil {
			m.Release()
			stale++
		}
	}
	s.stats.dropN(dropStale, stale)
	return resume
}

func (r *req) inTurn() bool   { return r.s.opts.get().reqRelaxed || !r.awaiting.Load() }
func (r *req) writable() bool { return r.inTurn() && r.peers.CanSend() }
func (r *req) places() int    { return 1 }

func (r *req) mayRecv() error {
	if !r.awaiting.Load() {
		return fmt.Errorf("%w: a REQ receives only after it has sent a request", ErrState)
	}
	return nil
}

// open takes the envelope off a reply. It reports whether this is the answer to the
// request under way; anything else is dropped.
func (r *req) open(in *taken) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.awaiting.Load() || r.asked != nil && in.from != r.asked {
		r.s.stats.drop(dropStale)
		return false
	}
	f := in.m.Frames
	if r.s.opts.get().reqCorrelate {
		if string(f[0]) != string(r.id[:]) {
			r.s.stats.drop(dropStale)
			return false
		}
		f = f[1:]
	}
	if len(f) < 2 || len(f[0]) != 0 {
		r.s.stats.drop(dropMalformed)
		return false
	}
	in.m.Frames = f[1:]
	return true
}

func (r *req) took(*taken) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.vain.Store(false)
	r.awaiting.Store(false)
}

func (r *req) deserted() bool { return r.vain.Load() }

// giveUp ends a request whose peer is gone, or says errWouldBlock when another one has
// taken its place meanwhile.
func (r *req) giveUp() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.vain.Load() {
		return errWouldBlock
	}
	r.vain.Store(false)
	r.awaiting.Store(false)
	return ErrPeerGone
}

// gone is called when a peer is gone. A REQ whose request it had may take the answer from
// anybody, as libzmq does, or with WithReqFailFast tells its program. A request that
// waits for the next connection is still to be answered.
func (r *req) gone(p *queue.Pipe, pr *peer) {
	if p.Out.Pending() == 0 {
		if o := r.s.opts.get(); r.lost(p, o.reqFailFast || o.reqRelaxed) {
			r.s.arrive.wakeAll()
		}
	}
	r.round.gone(p, pr)
}

// lost forgets a peer that is gone, and reports whether Recv is to be told.
func (r *req) lost(p *queue.Pipe, tell bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked != p {
		return false
	}
	r.asked = nil
	if !tell || !r.awaiting.Load() {
		return false
	}
	r.vain.Store(true)
	return true
}

// silent says that a request is under way whose peer is gone.
func (r *req) silent(nobody string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if nobody != "" || !r.awaiting.Load() || r.asked != nil {
		return nobody
	}
	return "the peer that had the request is gone, and has not answered: with WithReqRelaxed the request may be sent again, with WithReqFailFast Recv says so at once"
}
