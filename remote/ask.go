package remote

import (
	"context"
	"time"

	"github.com/go-zactor/zactor/zyre"
)

// asking is an Ask under way.
type asking struct {
	id     uint64
	of     *peer         // from whom the answer may come
	sent   time.Time     // when it was sent, or the peer was looked at last
	pause  time.Duration // between two looks whether the peer is there
	answer chan answered // room for one
}

type answered struct {
	p   packet
	err error
}

// exchange asks, and waits for the answer: a reply or a failure. sent is false when
// the peer can't have got the question.
func (r *Remote) exchange(ctx context.Context, p *packet) (got packet, sent bool, err error) {
	a, err := r.space.expect(r.peer, p, leftOf(ctx))
	if err != nil {
		return packet{}, false, err
	}
	defer r.space.forget(a)
	if err := r.send(ctx, p); err != nil {
		return packet{}, false, err
	}
	got, err = r.await(ctx, a)
	return got, true, err
}

// await waits for the answer, and looks whether the peer is there.
func (r *Remote) await(ctx context.Context, a *asking) (packet, error) {
	s := r.space
	look := time.NewTimer(a.pause)
	defer look.Stop()
	for {
		select {
		case got := <-a.answer:
			return got.p, got.err
		case <-r.done:
			return a.last(r)
		case <-ctx.Done():
			s.abandon(a)
			return packet{}, ctx.Err()
		case <-look.C:
			s.probe(a)
			look.Reset(a.pause)
		}
	}
}

// last is for an Ask whose actor has gone: an answer may have come before.
func (a *asking) last(r *Remote) (packet, error) {
	select {
	case got := <-a.answer:
		return got.p, got.err
	default:
		return packet{}, r.gone()
	}
}

// leftOf is the time until ctx ends, at least one; 0 when it has no end.
func leftOf(ctx context.Context) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, time.Until(end))
}

// expect enters an Ask, and makes of p what the peer understands.
func (s *Space) expect(from zyre.ID, p *packet, left time.Duration) (*asking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.peers[from]
	switch {
	case s.closed:
		return nil, ErrClosed
	case of == nil:
		return nil, ErrLost
	}
	s.lastAsk++
	a := &asking{id: s.lastAsk, of: of, sent: time.Now(), pause: s.options.probe, answer: make(chan answered, 1)}
	s.asks[a.id] = a
	p.id, p.left = a.id, left
	if p.op == opAsk && of.newer && left > 0 {
		p.op = opTimedAsk
	}
	return a, nil
}

func (s *Space) forget(a *asking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asks, a.id)
}

// abandon tells the peer that nobody waits for the answer any more. A peer that has
// said nothing meanwhile is passed over from now on, until it is heard.
func (s *Space) abandon(a *asking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asks[a.id] != a || s.peers[a.of.ID] != a.of {
		return // answered, or gone
	}
	if a.of.newer {
		s.whisper(a.of, &packet{op: opCancel, id: a.id})
	}
	if a.of.heard.Before(a.sent) {
		s.quieten(a.of)
	}
}

// probe asks a peer that has not been heard whether it is there, and passes it over
// when it was asked before.
func (s *Space) probe(a *asking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch p := a.of; {
	case !p.heard.Before(a.sent):
		a.sent = time.Now()
	case p.pinged.Before(a.sent):
		s.ping(p)
	default:
		s.quieten(p)
		s.ping(p)
	}
}

// answer takes what a peer has answered; the lock is held.
func (s *Space) answer(from zyre.ID, p packet) {
	a := s.asks[p.id]
	if a == nil || a.of.ID != from {
		s.stats.Stale++
		return
	}
	s.settle(a, answered{p: p})
}

func (s *Space) settle(a *asking, got answered) {
	a.answer <- got // its only one
	delete(s.asks, a.id)
}

// lose ends what was asked of a peer that has gone.
func (s *Space) lose(id zyre.ID, why error) {
	for _, a := range s.asks {
		if a.of.ID == id {
			s.settle(a, answered{err: why})
		}
	}
}

// loseAll ends all that was asked.
func (s *Space) loseAll(why error) {
	for _, a := range s.asks {
		s.settle(a, answered{err: why})
	}
}
