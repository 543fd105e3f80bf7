package zmq

import (
	"context"
	"errors"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// This file is the socket as its connections see it.

var (
	errExclusive   = wire.ErrPeerBusy
	errDuplicateID = wire.ErrRoutingIDInUse
	errHandedOver  = errors.New("another peer has taken over the routing id")
	errFiltered    = errors.New("the accept filters do not let it in")
)

// newPipe makes a pipe for a peer at one of our endpoints.
func (s *Socket) newPipe(endpoint string, opts []Option) *queue.Pipe {
	o := s.optionsFor(opts)
	return s.enterPipe(endpoint, o, o.peerRules(s.typ))
}

func (s *Socket) enterPipe(endpoint string, o *options, rules peerRules) *queue.Pipe {
	p := queue.New(s.host(), o.limits())
	s.peers.add(p, &peer{endpoint: endpoint, immediate: o.peerPriority != 0, rules: rules, opts: o})
	s.rank(p, o)
	return p
}

// acceptPipe is newPipe for a peer that has connected to a bound endpoint.
func (s *Socket) acceptPipe(endpoint string, opts []Option) *queue.Pipe {
	o := s.optionsFor(opts)
	rules := o.peerRules(s.typ)
	rules.accept()
	p := s.enterPipe(endpoint, o, rules)
	s.acceptedSwap(p, endpoint, o)
	return p
}

// optionsFor are those for a new peer: the socket's present ones, and over them
// those that its endpoint was given.
func (s *Socket) optionsFor(opts []Option) *options {
	o, err := s.opts.with(s, opts)
	if err != nil { // not possible: they have been tried
		o = s.opts.get()
	}
	return o
}

// welcome is called before the handshake of a connection that we dialled, of p when it
// has a pipe already.
func (s *Socket) welcome(p *queue.Pipe) error {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	return s.tx.welcome(p)
}

// attach is called when a peer is ready.
func (s *Socket) attach(p *queue.Pipe, peer *session.Peer) error {
	s.letIn(p)
	if err := s.enter(p, peer); err != nil {
		s.happened(session.Event{Kind: session.HandshakeFailedNoDetail, Endpoint: s.peers.endpoint(p), Remote: peer.Info.RemoteAddr, Err: err})
		if peer.Fresh {
			s.forget(p)
		}
		return err
	}
	valid := func() error { return s.zc.zap.stillValid(peer) }
	if err := s.peers.setReady(p, peer.PeerIdentity, peer.Link, peer.Asked, valid); err != nil {
		s.detach(p, peer.Fresh)
		return err
	}
	if peer.Unversioned {
		// A peer of the first protocol has no way to subscribe.
		if err := s.subscribed(p, nil, true); err != nil {
			return err
		}
	}
	s.states.ready(s.peers.endpoint(p))
	s.announcePeer(p)
	s.greeted(p)
	s.follow(p, peer)
	return nil
}

// enter lets a peer of a connection take part, or refuses it.
func (s *Socket) enter(p *queue.Pipe, peer *session.Peer) error {
	if pr := peerOf(p); pr != nil {
		s.sendMu.Lock()
		pr.ours = peer.Ours
		s.sendMu.Unlock()
	}
	return s.admit(p, newcomer{identity: peer.PeerIdentity, info: peer.Info, claimed: peer.Claimed})
}

// attachLocal is called when an inproc peer is to be linked.
func (s *Socket) attachLocal(p *queue.Pipe, name, socketType string, identity []byte) error {
	p.SetOrigin(localOrigin(name, socketType))
	err := s.admit(p, newcomer{identity: identity})
	if err == nil {
		s.announcePeer(p)
		if hello := peerOf(p).rules.hello; len(hello) > 0 {
			p.Out.First(hello)
		}
	} else {
		s.refusedLocal(p, name, err)
	}
	return err
}

// refusedLocal is called when one of both sides has refused an inproc peer. It is tried
// again when the refusing side has changed.
func (s *Socket) refusedLocal(p *queue.Pipe, name string, err error) {
	s.happened(session.Event{Kind: session.HandshakeFailedNoDetail, Endpoint: s.peers.endpoint(p), Remote: "inproc://" + name, Err: err})
}

// linkedLocal is called when an inproc peer is linked.
func (s *Socket) linkedLocal(p *queue.Pipe, l *inproc.Connection) {
	_ = s.peers.setReady(p, p.RoutingID(), l, false, nil)
	s.states.ready(s.peers.endpoint(p))
	s.greeted(p)
}

// detachLocal is called when an inproc peer is gone.
func (s *Socket) detachLocal(p *queue.Pipe, final bool) {
	if !final {
		s.states.away(s.peers.endpoint(p))
	}
	s.detach(p, final)
}

// admit lets a peer take part in what the type does, or refuses it. One that has claimed
// a place gets it.
func (s *Socket) admit(p *queue.Pipe, n newcomer) error {
	s.sendMu.Lock()
	if pr := peerOf(p); pr != nil {
		pr.gone = false
	}
	replaced, err := s.tx.admit(p, n)
	s.sendMu.Unlock()
	if replaced != nil {
		s.dismiss(replaced)
	}
	return err
}

// greeted lets a new peer know what it must, and others know of it.
func (s *Socket) greeted(p *queue.Pipe) {
	s.rx.tell(p)
	if s.opts.get().probeRouter {
		s.putAlone(p, delimiter)
	}
	s.tx.greet(p)
	s.watch.notify()
}

// dismiss ends the connection of a peer whose routing id another one has taken
// over.
func (s *Socket) dismiss(p *queue.Pipe) {
	if l := s.peers.link(p); l != nil {
		l.Stop(errHandedOver)
	}
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
		s.zc.names.Retry(s.host()) // a name, or the only place, may be free
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

// countLost counts messages that were accepted and can't be sent any more.
func (s *Socket) countLost(p *queue.Pipe, n int) {
	if s.closed.Load() {
		endpoint := s.peers.endpoint(p)
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

// drop counts one message that was not queued for p.
func (s *Socket) drop(_ *queue.Pipe, why dropReason) { s.stats.drop(why) }

// happened passes an event of a connection on.
func (s *Socket) happened(e session.Event) { s.tellEvent(e, s.note(e)) }

// note is happened without the log. It returns how things stood with the endpoint before.
func (s *Socket) note(e session.Event) (before EndpointInfo) {
	s.stats.event(e)
	changed, before := s.states.note(e)
	if changed {
		s.watch.notify()
	}
	s.monitors.publish(eventOf(e))
	return before
}

// localOrigin is what messages from an inproc peer point to.
func localOrigin(name, socketType string) *buf.Origin {
	return &buf.Origin{Peer: &buf.Peer{RemoteAddr: "inproc://" + name, SocketType: socketType, Mechanism: "NULL"}}
}

// closeDeadline is a context for closing one endpoint within the linger time.
func (s *Socket) closeDeadline() (context.Context, context.CancelFunc) {
	if linger := s.opts.get().linger; linger >= 0 {
		return context.WithTimeout(s.ends.closing, max(linger, time.Nanosecond))
	}
	return context.WithCancel(s.ends.closing)
}
