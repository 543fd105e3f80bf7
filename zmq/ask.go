package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/queue"
)

// This file has the questions that a program asks before it acts: whether one peer has
// room, and whose turn it is.

// HasRoom reports whether a message for the peer that a ROUTER, STREAM, SERVER or PEER
// calls routingID would be queued now, neither dropped nor waited with. Of a SERVER or
// PEER the id is the number in four bytes, big-endian, as in PeerInfo. For other types
// see PeerInfo.HasRoom. (zmq_socket_get_peer_state(3))
//
// Errors: ErrHostUnreachable when there is no such peer, ErrNotSupported for a type
// without routing ids, ErrClosed.
func (s *Socket) HasRoom(routingID []byte) (bool, error) {
	if s.closed.Load() {
		return false, s.closedErr()
	}
	s.sendMu.Lock()
	p, known := s.tx.named(routingID)
	s.sendMu.Unlock()
	switch {
	case !known:
		return false, s.wrapOp("ask for room", ErrNotSupported)
	case p == nil:
		return false, fmt.Errorf("%w: no peer has routing id %q", ErrHostUnreachable, routingID)
	}
	return p.Status() == queue.OK, nil
}

// Turn says which calls are legal now: PollOut that Send is, PollIn that Recv is. Unlike
// Poll it does not say whether they would wait. A REQ and a REP change it with each
// message: PollOut alone means that it is time to send, PollIn alone that it is time to
// receive, and both, for a REQ with WithReqRelaxed, that a reply may come and another
// request may be sent. For other types it never changes. (libzmq has no such question:
// a call out of turn is EFSM, here ErrState.)
func (s *Socket) Turn() (may PollEvents) {
	if s.rx.mayRecv() == nil {
		may |= PollIn
	}
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	if s.tx.inTurn() {
		may |= PollOut
	}
	return may
}
