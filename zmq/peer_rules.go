package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/queue"
)

// peerRules are what the options of its endpoint say about one peer's coming and
// going.
type peerRules struct {
	accepted bool         // it has connected to us
	notify   RouterNotify // ROUTER and STREAM: what the program is told
	name     []byte       // ROUTER: what it is called whatever it says
	goodbye  []byte       // the program receives it when an accepted peer goes,
	hiccup   []byte       // and this when a connected one does
}

func (o *options) peerRules(t Type) peerRules {
	r := peerRules{notify: o.routerNotify, name: o.connectID, goodbye: o.goodbye, hiccup: o.hiccup}
	if t == Stream && o.streamNotify {
		r.notify = NotifyConnect | NotifyDisconnect
	}
	return r
}

// accept makes them the rules of a peer that has connected to us; the name is for one
// that we connect to.
func (r *peerRules) accept() { r.accepted, r.name = true, nil }

// announcePeer tells the program of a ROUTER or STREAM that a peer has come, before
// anything that it sends.
func (s *Socket) announcePeer(p *queue.Pipe) {
	if pr := peerOf(p); pr != nil && pr.rules.notify&NotifyConnect != 0 {
		s.bringNotice(p, nil)
	}
}

// announceEnd tells the program that a peer is gone, after everything that it has
// sent, in the ways that it asked for. When it is the program itself that ended the
// endpoint it knows.
func (s *Socket) announceEnd(p *queue.Pipe) {
	pr := peerOf(p)
	if pr == nil || s.closed.Load() || pr.ended.Load() || s.handedOver(p) {
		return
	}
	r := &pr.rules
	if r.notify&NotifyDisconnect != 0 {
		s.bringNotice(p, nil)
	}
	switch {
	case r.accepted && len(r.goodbye) > 0 && s.ends.has(pr.endpoint):
		s.bringNotice(p, r.goodbye)
	case !r.accepted && len(r.hiccup) > 0 && s.ends.has(pr.endpoint):
		s.bringNotice(p, r.hiccup)
	}
}

// handedOver reports whether another peer has taken over p's routing id, by which the
// program would take the notice for that one's.
func (s *Socket) handedOver(p *queue.Pipe) bool {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	return s.tx.replaced(p)
}

// bringNotice queues a message of one frame for the program as if p had sent it.
func (s *Socket) bringNotice(p *queue.Pipe, body []byte) {
	if announce, ok := p.In.PutNotice(body, p.Origin()); ok && announce {
		p.Announce()
	}
}

// has reports whether an endpoint is still bound or connected.
func (e *endpoints) has(text string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bound[text] != nil || len(e.dialled[text]) > 0
}

// nameIsFree checks the routing id that the peer of a Connect is to have.
func (s *Socket) nameIsFree(id []byte) error {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	if len(id) > 0 && s.tx.taken(id) {
		return fmt.Errorf("%w: CONNECT_ROUTING_ID = %q: a peer has that name", ErrInvalidOption, id)
	}
	return nil
}

// used takes back what was set for one call only, which has been made.
func (s *optionSet) used(reset func(*options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := *s.get()
	reset(&o)
	s.cur.Store(&o)
}

// rank gives a new pipe the priority of its endpoint. It answers true when the peer
// takes part only while it is there.
func (s *Socket) rank(p *queue.Pipe, o *options) bool {
	if o.peerPriority == 0 {
		return false
	}
	s.sendMu.Lock()
	s.tx.rank(p, o.peerPriority)
	s.sendMu.Unlock()
	return true
}
