package pattern

import "github.com/go-zactor/zactor/internal/queue"

// RoundRobin spreads messages over the peers that have room, one message each in
// turn (PUSH, DEALER, REQ, PAIR). A peer without room is muted: passed over until
// it has some.
type RoundRobin struct {
	open  queue.Ring
	muted map[*queue.Pipe]struct{}
	ranks *ranks // nil while no peer has a priority
}

// NewRoundRobin makes one without peers.
func NewRoundRobin() *RoundRobin {
	return &RoundRobin{open: queue.Ring{Link: sendLink}, muted: map[*queue.Pipe]struct{}{}}
}

func sendLink(p *queue.Pipe) *queue.Link { return &p.SendLink }

// Add lets p take part; its turn comes last.
func (r *RoundRobin) Add(p *queue.Pipe) { r.enter(p) }

// Remove takes p out.
func (r *RoundRobin) Remove(p *queue.Pipe) {
	r.open.Remove(p)
	delete(r.muted, p)
	if r.ranks != nil {
		delete(r.ranks.below, p)
		r.descend()
	}
}

// Unmute lets a muted p take part again.
func (r *RoundRobin) Unmute(p *queue.Pipe) {
	if _, ok := r.muted[p]; ok {
		delete(r.muted, p)
		r.enter(p)
	}
}

// Only is the one peer that there is; nil when there are several, or none, or when
// it has no room.
func (r *RoundRobin) Only() *queue.Pipe {
	if r.open.Len() == 1 && len(r.muted) == 0 && r.lower() == 0 {
		return r.open.Head()
	}
	return nil
}

// Len is the number of peers, muted ones included.
func (r *RoundRobin) Len() int { return r.open.Len() + len(r.muted) + r.lower() }

// Send offers a message to the peer whose turn it is, and on to the next until one takes
// it, or has a swap that does: then the status is queue.Spilled. to is nil when none has
// room.
func (r *RoundRobin) Send(pre, frames [][]byte, copied bool) (to *queue.Pipe, s queue.Status, flush bool) {
	for p := r.open.Head(); p != nil; p = r.open.Head() {
		s, flush = p.Put(pre, frames, copied)
		if s == queue.OK || s == queue.Spilled {
			r.open.Turn()
			return p, s, flush
		}
		r.mute(p, s)
	}
	return nil, queue.Full, false
}

// Next is a peer that has room, nil when none has; the turn passes on.
func (r *RoundRobin) Next() *queue.Pipe {
	if !r.CanSend() {
		return nil
	}
	p := r.open.Head()
	r.open.Turn()
	return p
}

// mute takes p out of the round: for a while when it is full, for good when it is
// closed.
func (r *RoundRobin) mute(p *queue.Pipe, why queue.Status) {
	r.open.Remove(p)
	if why == queue.Full {
		r.muted[p] = struct{}{}
	}
	r.descend()
}

// Places is how many messages the peers that have room would take now.
func (r *RoundRobin) Places() (n int) {
	r.open.All(func(p *queue.Pipe) { n += p.Places() })
	return n
}

// CanSend reports whether some peer has room.
func (r *RoundRobin) CanSend() bool {
	for p := r.open.Head(); p != nil; p = r.open.Head() {
		status := p.Status()
		if status == queue.OK {
			return true
		}
		r.mute(p, status)
	}
	return false
}
