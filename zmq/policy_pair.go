package zmq

import "github.com/go-zactor/zactor/internal/queue"

// pair is the sender of PAIR and CHANNEL: a round of one peer. Others are refused while
// that one is there, or while a place is kept for a newcomer. (RFC 31, 51)
type pair struct {
	round
	only    *queue.Pipe
	claimed bool
}

func newPair(s *Socket) (sender, receiver)    { return &pair{round: makeRound(s)}, asTheyCome{} }
func newChannel(s *Socket) (sender, receiver) { return &pair{round: makeRound(s)}, onePart{s: s} }

// welcome turns one away whom admit could not let in, before that one takes itself for
// connected.
func (r *pair) welcome(p *queue.Pipe) error {
	if r.only != nil && r.only != p || r.claimed {
		return errExclusive
	}
	return nil
}

func (r *pair) claim(newcomer) (leave func() bool, err error) {
	if r.only != nil || r.claimed {
		return nil, errExclusive
	}
	r.claimed = true
	return func() bool {
		r.claimed = false
		return r.only == nil
	}, nil
}

func (r *pair) admit(p *queue.Pipe, n newcomer) (*queue.Pipe, error) {
	switch {
	case r.only == p: // which it dialled; what waits for it is still to be sent
	case r.only != nil, r.claimed && !n.claimed:
		return nil, errExclusive
	case r.s.closed.Load():
		return nil, ErrClosed
	}
	r.only = p
	r.enter(p)
	return nil, nil
}

func (r *pair) adopt(p *queue.Pipe, _ []byte) { _, _ = r.admit(p, newcomer{}) }

func (r *pair) offer(p *queue.Pipe, may bool) {
	if may {
		r.adopt(p, nil)
		return
	}
	r.leave(p)
}

func (r *pair) remove(p *queue.Pipe) {
	r.round.remove(p)
	if r.only == p {
		r.only = nil
	}
}
