package zmq

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
)

// errDisconnected is why a connection ended that DisconnectPeer was called for.
var errDisconnected = errors.New("disconnected by the program")

// ConnectPeer connects a PEER like Connect and returns the routing id of the peer
// there: messages with that id (msg.Msg.SetRoutingID) may be sent at once. It stays
// the same when the endpoint is dialled again. (zmq_connect_peer)
//
// Errors: ErrNotSupported on other types, ErrInvalidOption with WithImmediate, and
// those of Connect.
func (s *Socket) ConnectPeer(endpoint string, opts ...Option) (uint32, error) {
	if s.typ != Peer {
		return 0, fmt.Errorf("%w: a %s does not connect to peers by number", ErrNotSupported, s.typ)
	}
	if o, err := s.opts.with(s, opts); err != nil {
		return 0, err
	} else if o.immediate {
		return 0, fmt.Errorf("%w: IMMEDIATE: with it there is no peer before it answers, and so no routing id", ErrInvalidOption)
	}
	p, err := s.connect(endpoint, opts)
	if err != nil {
		return 0, err
	}
	return numberOf(p), nil
}

// DisconnectPeer ends the connection to the peer with a routing id. What was
// accepted for it and not yet written is dropped. An endpoint that was connected is
// not dialled again. (zmq_disconnect_peer)
//
// Errors: ErrNotSupported on types other than SERVER and PEER, ErrHostUnreachable
// when no peer has the routing id, ErrClosed.
func (s *Socket) DisconnectPeer(routingID uint32) error {
	r, ok := s.tx.(*server)
	if !ok {
		return fmt.Errorf("%w: a %s has no numbered peers", ErrNotSupported, s.typ)
	}
	if s.closed.Load() {
		return s.closedErr()
	}
	s.sendMu.Lock()
	p := r.peers[routingID]
	if p != nil {
		r.remove(p)
		s.sends.wakeAll()
	}
	s.sendMu.Unlock()
	if p == nil {
		return fmt.Errorf("%w: no peer has routing id %d", ErrHostUnreachable, routingID)
	}
	if l := s.peers.link(p); l != nil {
		l.Stop(errDisconnected)
	}
	s.ends.hangUp(p)
	return nil
}

// piped is a connected endpoint that has a pipe.
type piped interface {
	closer
	Pipe() *queue.Pipe
}

var (
	_ piped = (*session.Connector)(nil)
	_ piped = localConnection{}
)

// hurried has ended: who closes with it waits for nothing.
var hurried = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// hangUp closes the connected endpoint that p belongs to, if there is one, without
// waiting for what was accepted for it.
func (e *endpoints) hangUp(p *queue.Pipe) {
	if c := e.takeOut(p); c != nil {
		defer e.closings.Done()
		c.Close(hurried)
	}
}

func (e *endpoints) takeOut(p *queue.Pipe) closer {
	e.mu.Lock()
	defer e.mu.Unlock()
	for text, list := range e.dialled {
		for i, c := range list {
			if d, ok := c.(piped); ok && d.Pipe() == p {
				e.dialled[text] = append(list[:i:i], list[i+1:]...)
				if len(e.dialled[text]) == 0 {
					delete(e.dialled, text)
				}
				e.closings.Add(1)
				return c
			}
		}
	}
	return nil
}
