package zmq

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/pattern"
	"github.com/go-zactor/zactor/internal/pipe"
	"github.com/go-zactor/zactor/internal/session"
)

// errDisconnected is why a connection ended that DisconnectPeer was called for.
var errDisconnected = errors.New("disconnected by the program")

// numbers is the table of the peers of a SERVER or PEER, guarded by sendMu. A
// number is the routing id on a message (RFC 41), 0 is nobody's.
type numbers struct {
	peers map[uint32]*pipe.Pipe
	next  uint32
}

func (n *numbers) init() {
	n.peers = map[uint32]*pipe.Pipe{}
	n.next = rand.Uint32()
}

// numberOf is what a pipe's peer is called, 0 when it has no number.
func numberOf(p *pipe.Pipe) uint32 {
	if id := p.RoutingID(); len(id) == 4 {
		return binary.BigEndian.Uint32(id)
	}
	return 0
}

// named is the peer whose number id is, in four bytes; nil when there is none.
func (n *numbers) named(id []byte) *pipe.Pipe {
	if len(id) != 4 {
		return nil
	}
	return n.peers[binary.BigEndian.Uint32(id)]
}

// admit gives a peer its number, or the one it had: that of a connected endpoint
// stays when it is dialled again.
func (n *numbers) admit(p *pipe.Pipe) {
	id := numberOf(p)
	if id == 0 || n.peers[id] != p {
		id = n.free()
		n.peers[id] = p
		p.SetRoutingID(binary.BigEndian.AppendUint32(nil, id))
	}
	var o buf.Origin // with each connection the peer may be another one
	if now := p.Origin(); now != nil {
		o = *now
	}
	o.RoutingID = id
	p.SetOrigin(&o)
}

func (n *numbers) free() uint32 {
	for {
		n.next++
		if _, taken := n.peers[n.next]; !taken && n.next != 0 {
			return n.next
		}
	}
}

func (n *numbers) remove(p *pipe.Pipe) {
	if id := numberOf(p); n.peers[id] == p {
		delete(n.peers, id)
	}
}

// putNumber sends to the peer whose number is the first frame. It never drops: an
// unknown peer is an error, a full one is waited for.
func (s *Socket) putNumber(frames [][]byte, copied bool) (kick, error) {
	id := uint32(0)
	if len(frames[0]) == 4 {
		id = binary.BigEndian.Uint32(frames[0])
	}
	p := s.out.number.peers[id]
	if p == nil {
		return kick{}, fmt.Errorf("%w: no peer has routing id %d", ErrHostUnreachable, id)
	}
	status, k := p.Put(nil, frames[1:], copied)
	switch {
	case status == pipe.Full:
		return kick{}, errWouldBlock
	case status == pipe.Closed:
		return kick{}, fmt.Errorf("%w: the peer with routing id %d is gone", ErrHostUnreachable, id)
	case k:
		return kick{one: p}, nil
	}
	return kick{}, nil
}

// adoptNumber numbers a connected endpoint before anybody answers there.
func (s *Socket) adoptNumber(p *pipe.Pipe) {
	s.sendMu.Lock()
	s.out.number.admit(p)
	s.sendMu.Unlock()
	s.watch.notify()
}

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
	if s.row.Send != pattern.SendNumber {
		return fmt.Errorf("%w: a %s has no numbered peers", ErrNotSupported, s.typ)
	}
	if s.closed.Load() {
		return s.over()
	}
	s.sendMu.Lock()
	p := s.out.number.peers[routingID]
	if p != nil {
		s.out.number.remove(p)
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
	Pipe() *pipe.Pipe
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
func (e *endpoints) hangUp(p *pipe.Pipe) {
	if c := e.takeOut(p); c != nil {
		defer e.closings.Done()
		c.Close(hurried)
	}
}

func (e *endpoints) takeOut(p *pipe.Pipe) closer {
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
