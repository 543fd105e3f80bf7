package zmq

import (
	"errors"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// This file is what a socket does when a peer comes and goes, on whatever link: see
// link.Handler for the order.

var (
	errExclusive   = wire.ErrPeerBusy
	errDuplicateID = wire.ErrRoutingIDInUse
	errHandedOver  = errors.New("another peer has taken over the routing id")
	errFiltered    = errors.New("the accept filters do not let it in")
)

// optionsFor are those for a new peer: the socket's present ones, and over them
// those that its endpoint was given.
func (s *Socket) optionsFor(opts []Option) *options {
	o, err := s.opts.with(s, opts)
	if err != nil { // not possible: they have been tried
		o = s.opts.get()
	}
	return o
}

// admit lets a peer take part in what the type does, or refuses it. One that has claimed
// a place gets it.
func (s *Socket) admit(p *queue.Pipe, who *link.Peer) error {
	over, err := s.admitAndDismiss(p, newcomer{identity: who.PeerIdentity, info: who.Info, claimed: who.Claimed, everything: who.Everything}, who.Ours)
	if over != nil {
		over.Stop(errHandedOver)
	}
	return err
}

// admitAndDismiss has the policy decide, and whose place the peer has taken go: over is a
// link that is to be stopped. Both under one hold of the lock, so that a peer which comes
// back at once is not taken for the one that was replaced.
func (s *Socket) admitAndDismiss(p *queue.Pipe, n newcomer, ours bool) (over link.Stopper, err error) {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	if pr := peerOf(p); pr != nil {
		pr.gone, pr.ours = false, ours
	}
	s.peers.come(p)
	replaced, err := s.tx.admit(p, n)
	if replaced != nil {
		over = s.peers.dismiss(replaced)
	}
	return over, err
}

// greet lets a new peer know what it must, and others know of it.
func (s *Socket) greet(p *queue.Pipe) {
	s.rx.tell(p)
	if s.opts.get().probeRouter {
		s.putAlone(p, delimiter)
	}
	s.tx.greet(p)
	s.watch.notify()
}

// detach is called when a peer is gone.
func (s *Socket) detach(p *queue.Pipe, final bool) {
	was := s.peers.setUnready(p)
	if was {
		s.announceEnd(p)
	}
	s.rx.untell(p)
	s.unfollow(p)
	if pr := peerOf(p); pr != nil {
		s.tx.gone(p, pr)
	}
	if final {
		s.forget(p)
	}
	s.watch.notify()
	if pr := peerOf(p); was || final && pr != nil && !pr.rules.accepted {
		s.zc.names.Retry(s) // a name, or the only place, may be free
	}
}

// forget takes a pipe out for good. What it still holds stays readable.
func (s *Socket) forget(p *queue.Pipe) {
	s.sendMu.Lock()
	s.tx.remove(p)
	s.sends.wakeAll()
	s.sendMu.Unlock()
	s.peers.remove(p)
}

// lost counts messages that were accepted and can't be sent any more.
func (s *Socket) lost(p *queue.Pipe, endpoint string, n int) {
	if s.closed.Load() {
		info, _ := s.states.get(endpoint)
		s.unsent.add(s.String(), endpoint, n, info.Err) // Close answers for them
		s.stats.drops[dropPeerGone].Add(uint64(n))
		return
	}
	if f, ok := s.tx.(durables); ok && f.isDurable(p) {
		return // its stream has them still
	}
	s.stats.dropN(dropPeerGone, n)
}

// event passes an event of a link on.
func (s *Socket) event(e link.Event) { s.tellEvent(e, s.note(e)) }

// note is event without the log. It returns how things stood with the endpoint before.
func (s *Socket) note(e link.Event) (before EndpointInfo) {
	s.stats.event(e)
	changed, before := s.states.note(e)
	if changed {
		s.watch.notify()
	}
	s.monitors.publish(eventOf(e))
	return before
}
