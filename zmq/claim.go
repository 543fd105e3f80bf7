package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// A newcomer asks for its place, a routing id for instance, between the moment that it
// is known and the one that it is told so. Who is turned away then has sent nothing:
// what it has to send waits for its next attempt.

// claims are the places of newcomers that do not take part yet, guarded by sendMu.
type claims struct {
	ids  map[string]*claim // of a ROUTER
	only *claim            // of a type that talks to one peer
}

// claim is one place. Connections of one owner may have it in common: with
// WithRouterHandover the last of them gets it.
type claim struct {
	owner principal
	n     int
}

// place is one connection's part in a claim.
type place struct {
	s  *Socket
	id string // "": the only place
	c  *claim
}

// claimPlace is called when the handshake of an accepted peer is about to end.
func (s *Socket) claimPlace(peer *session.Peer) (session.Place, error) {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	switch {
	case s.row.Exclusive:
		return s.claimOnly()
	case s.row.Send == pattern.SendRoute && len(peer.PeerIdentity) > 0:
		return s.claimID(string(peer.PeerIdentity), principalOfPeer(peer.Info))
	case s.row.Send == pattern.SendFan:
		return nil, s.roomForDurable(peer)
	}
	return nil, nil
}

func (s *Socket) claimOnly() (session.Place, error) {
	if s.out.pair != nil || s.out.claims.only != nil {
		return nil, errExclusive
	}
	c := &claim{n: 1}
	s.out.claims.only = c
	return &place{s: s, c: c}, nil
}

func (s *Socket) claimID(id string, who principal) (session.Place, error) {
	handover := s.opts.get().routerHandover
	if old := s.out.route.byID[id]; old != nil {
		if err := mayTakeOver(old, who, []byte(id), handover); err != nil {
			return nil, err
		}
	}
	all := &s.out.claims
	if err := all.free(id, who, handover); err != nil {
		return nil, err
	}
	c := all.ids[id]
	if c == nil {
		if all.ids == nil {
			all.ids = map[string]*claim{}
		}
		c = &claim{owner: who}
		all.ids[id] = c
	}
	c.n++
	return &place{s: s, id: id, c: c}, nil
}

// free says whether one that has no claim on an id may have it.
func (all *claims) free(id string, who principal, handover bool) error {
	switch c := all.ids[id]; {
	case c == nil:
		return nil
	case !handover:
		return fmt.Errorf("%w: %q is taken", errDuplicateID, id)
	case c.owner != who:
		return fmt.Errorf("%w: %q belongs to another user", errDuplicateID, id)
	}
	return nil
}

// Leave gives the place back. A peer that was attached has it by another right.
func (p *place) Leave() {
	s := p.s
	s.sendMu.Lock()
	if p.c.n--; p.c.n == 0 {
		if p.id == "" {
			s.out.claims.only = nil
		} else {
			delete(s.out.claims.ids, p.id)
		}
	}
	free := s.out.pair == nil && s.out.route.byID[p.id] == nil
	s.sendMu.Unlock()
	if free {
		s.zc.names.Retry(s.host())
	}
}

// roomForDurable says whether a durable subscriber would be let in. The caller holds
// sendMu.
func (s *Socket) roomForDurable(peer *session.Peer) error {
	id := peer.Info.Properties[propDurable]
	if id == "" || s.opts.get().durableMsgs == 0 || len(id) > maxDurable || s.out.streams.over {
		return nil
	}
	name := streamName{principalOfPeer(peer.Info), id}
	if s.out.streams.byName[name] == nil && !s.roomForStream(name.owner) {
		return fmt.Errorf("%w: %w", wire.ErrDenied, errManyStreams)
	}
	return nil
}
