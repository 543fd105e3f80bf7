package zmq

import (
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/queue"
)

// round is the sender of DEALER, CLIENT and SCATTER, and what PUSH, PAIR, REQ and their
// like are made of: one message to each peer in turn, to those that have room. It waits
// where none has. (RFC 28, 30, 41, 49)
type round struct {
	baseSender
	peers *pattern.RoundRobin
	// short: Send may go past the socket's lock to the only peer; see Socket.sendSolo.
	short bool
}

func makeRound(s *Socket) round {
	return round{baseSender: baseSender{s}, peers: pattern.NewRoundRobin(), short: true}
}

func newDealer(s *Socket) (sender, receiver) {
	r := makeRound(s)
	return &r, asTheyCome{}
}

func newClient(s *Socket) (sender, receiver) {
	r := makeRound(s)
	return &r, onePart{s: s}
}

func newScatter(s *Socket) (sender, receiver) {
	r := makeRound(s)
	return &r, nil
}

// put gives the message to the peer whose turn it is, who counts it.
func (r *round) put(frames [][]byte, copied bool) (flush, error) {
	p, status, wants := r.peers.Send(nil, frames, copied)
	switch {
	case p == nil:
		r.updateFastPath()
		return flush{}, errWouldBlock
	case status == queue.Spilled:
		r.s.spill(p, nil, frames, copied)
		return flush{}, nil
	}
	return flushOf(p, wants), nil
}

func (r *round) writable() bool { return r.peers.CanSend() }
func (r *round) places() int    { return r.peers.Places() }

// admit puts p into the round.
func (r *round) admit(p *queue.Pipe, _ newcomer) (*queue.Pipe, error) {
	r.enter(p)
	return nil, nil
}

func (r *round) enter(p *queue.Pipe) {
	r.peers.Unmute(p)
	r.peers.Add(p)
	r.updateFastPath()
	r.s.sends.wakeAll()
}

func (r *round) adopt(p *queue.Pipe, _ []byte) { r.enter(p) }

func (r *round) offer(p *queue.Pipe, may bool) {
	if may {
		r.enter(p)
		return
	}
	r.leave(p)
}

func (r *round) room(p *queue.Pipe) flush {
	r.peers.Unmute(p)
	r.updateFastPath()
	return flush{}
}

func (r *round) rank(p *queue.Pipe, priority int) { r.peers.SetRank(p, priority) }

// gone takes a peer out that is to get nothing while it is away.
func (r *round) gone(p *queue.Pipe, pr *peer) {
	if pr.immediate {
		r.s.sendMu.Lock()
		r.leave(p)
		r.s.sendMu.Unlock()
	}
}

func (r *round) leave(p *queue.Pipe) {
	r.peers.Remove(p)
	r.updateFastPath()
}

func (r *round) remove(p *queue.Pipe) {
	r.peers.Forget(p)
	r.updateFastPath()
}

// updateFastPath looks whether there is but one peer to send to. It comes after every change of
// the round.
func (r *round) updateFastPath() {
	if r.short {
		r.s.out.solo.Store(r.peers.Only())
	}
}
