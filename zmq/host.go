package zmq

import (
	"context"
	"errors"
	"time"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/inproc"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
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
func (s *Socket) newPipe(endpoint string, opts []Option) *pipe.Pipe {
	o := s.optionsFor(opts)
	return s.enterPipe(endpoint, o, o.peerRules(s.typ))
}

func (s *Socket) enterPipe(endpoint string, o *options, rules peerRules) *pipe.Pipe {
	p := pipe.New(s.host(), o.limits())
	s.peers.add(p, &peer{endpoint: endpoint, immediate: o.peerPriority != 0, rules: rules, opts: o})
	s.rank(p, o)
	return p
}

// acceptPipe is newPipe for a peer that has connected to a bound endpoint.
func (s *Socket) acceptPipe(endpoint string, opts []Option) *pipe.Pipe {
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
// has a pipe already. A PAIR turns one away whom it could not let in, before that one
// takes itself for connected.
func (s *Socket) welcome(p *pipe.Pipe) error {
	if !s.row.Exclusive {
		return nil
	}
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	if s.out.pair != nil && s.out.pair != p || s.out.claims.only != nil {
		return errExclusive
	}
	return nil
}

// attach is called when a peer is ready.
func (s *Socket) attach(p *pipe.Pipe, peer *session.Peer) error {
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
	if s.typ == Push {
		s.retry()
	}
	return nil
}

// enter lets a peer of a connection take part, or refuses it.
func (s *Socket) enter(p *pipe.Pipe, peer *session.Peer) error {
	if pr := peerOf(p); pr != nil {
		s.sendMu.Lock()
		pr.ours = peer.Ours
		s.sendMu.Unlock()
	}
	if s.row.Send == pattern.SendFan {
		old, err := s.claim(p, peer)
		if err != nil {
			return err
		}
		if old != nil {
			s.dismiss(old)
		}
	}
	return s.admit(p, peer.PeerIdentity, peer.Claimed)
}

// attachLocal is called when an inproc peer is to be linked.
func (s *Socket) attachLocal(p *pipe.Pipe, name, socketType string, identity []byte) error {
	p.SetOrigin(localOrigin(name, socketType))
	err := s.admit(p, identity, false)
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
func (s *Socket) refusedLocal(p *pipe.Pipe, name string, err error) {
	s.happened(session.Event{Kind: session.HandshakeFailedNoDetail, Endpoint: s.peers.endpoint(p), Remote: "inproc://" + name, Err: err})
}

// linkedLocal is called when an inproc peer is linked.
func (s *Socket) linkedLocal(p *pipe.Pipe, l *inproc.Connection) {
	_ = s.peers.setReady(p, p.RoutingID(), l, false, nil)
	s.states.ready(s.peers.endpoint(p))
	s.greeted(p)
}

// detachLocal is called when an inproc peer is gone.
func (s *Socket) detachLocal(p *pipe.Pipe, final bool) {
	if !final {
		s.states.away(s.peers.endpoint(p))
	}
	s.detach(p, final)
}

// admit lets a peer take part in the type's policies, or refuses it. One that has
// claimed a place gets it.
func (s *Socket) admit(p *pipe.Pipe, identity []byte, claimed bool) error {
	old, err := s.admitLocked(p, identity, claimed)
	if old != nil {
		s.dismiss(old)
	}
	return err
}

// admitLocked is the part of admit that needs sendMu; old is a peer that has to go.
func (s *Socket) admitLocked(p *pipe.Pipe, identity []byte, claimed bool) (old *pipe.Pipe, err error) {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	pr := peerOf(p)
	if pr != nil {
		pr.gone = false
	}
	switch s.row.Send {
	case pattern.SendBalance, pattern.SendRequest:
		err = s.admitBalanced(p, claimed)
	case pattern.SendFan:
		s.out.fan.all[p] = struct{}{}
	case pattern.SendRoute:
		if pr != nil && len(pr.rules.name) > 0 {
			identity = pr.rules.name
		}
		handover := s.opts.get().routerHandover
		if len(identity) > 0 && !claimed {
			if err := s.out.claims.free(string(identity), principalOf(p), handover); err != nil {
				return nil, err
			}
		}
		old, err = s.out.route.admit(p, identity, handover)
	case pattern.SendUpstream:
		s.out.fan.all[p] = struct{}{}
	case pattern.SendStream:
		s.out.route.admitStream(p, dialledName(p))
	case pattern.SendNumber:
		s.out.number.admit(p)
	}
	return old, err
}

// admitBalanced puts p into the round. A PAIR has room for one.
func (s *Socket) admitBalanced(p *pipe.Pipe, claimed bool) error {
	if s.row.Exclusive {
		switch {
		case s.out.pair == p: // which it dialled; what waits for it is still to be sent
		case s.out.pair != nil, s.out.claims.only != nil && !claimed:
			return errExclusive
		case s.closed.Load():
			return ErrClosed
		}
		s.out.pair = p
	}
	s.out.balance.Unmute(p)
	s.out.balance.Add(p)
	s.settle()
	s.sends.wakeAll()
	return nil
}

// greeted lets a new peer know what it must, and others know of it.
func (s *Socket) greeted(p *pipe.Pipe) {
	if s.row.Subscribes {
		s.topics.greet(p)
	}
	if s.typ == Dish {
		s.joined.greet(p)
	}
	if s.opts.get().probeRouter {
		if _, k := p.Put(nil, delimiter, true); k {
			p.Kick()
		}
	}
	s.welcomeSubscriber(p)
	s.watch.notify()
}

// dismiss ends the connection of a peer whose routing id another one has taken
// over.
func (s *Socket) dismiss(p *pipe.Pipe) {
	if l := s.peers.link(p); l != nil {
		l.Stop(errHandedOver)
	}
}

// detach is called when a peer is gone.
func (s *Socket) detach(p *pipe.Pipe, final bool) {
	was := s.peers.setUnready(p)
	if was {
		s.announceEnd(p)
	}
	if s.row.Subscribes {
		s.topics.leave(p)
		s.unfollow(p)
	}
	if s.typ == Dish {
		s.joined.leave(p)
	}
	if pr := peerOf(p); pr != nil && s.row.Send == pattern.SendGroup {
		s.leaveGroups(p, pr)
	}
	if pr := peerOf(p); pr != nil && s.row.Send == pattern.SendFan {
		s.leaveStream(p, pr)
		s.unsubscribeAll(p, pr)
	}
	s.lostAsked(p)
	if pr := peerOf(p); pr != nil && pr.immediate {
		s.sendMu.Lock()
		s.out.balance.Remove(p)
		s.settle()
		s.sendMu.Unlock()
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
func (s *Socket) forget(p *pipe.Pipe) {
	s.sendMu.Lock()
	s.out.balance.Forget(p)
	s.settle()
	s.out.route.remove(p)
	s.out.number.remove(p)
	delete(s.out.groups.links, p)
	delete(s.out.fan.all, p)
	if s.out.pair == p {
		s.out.pair = nil
	}
	s.sends.wakeAll()
	s.sendMu.Unlock()
	s.peers.remove(p)
}

// countLost counts messages that were accepted and can't be sent any more.
func (s *Socket) countLost(p *pipe.Pipe, n int) {
	if s.closed.Load() {
		endpoint := s.peers.endpoint(p)
		info, _ := s.states.get(endpoint)
		s.unsent.add(s.String(), endpoint, n, info.Err) // Close answers for them
		s.stats.drops[dropPeerGone].Add(uint64(n))
		return
	}
	s.stats.dropN(dropPeerGone, n)
}

// drop counts one message that was not queued for p.
func (s *Socket) drop(_ *pipe.Pipe, why dropReason) { s.stats.drop(why) }

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
		return context.WithTimeout(s.ends.patience, max(linger, time.Nanosecond))
	}
	return context.WithCancel(s.ends.patience)
}
