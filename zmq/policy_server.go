package zmq

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
)

// server is the sender of SERVER and PEER: to the peer whose number the message has,
// which is its first frame here. It never drops: an unknown peer is an error, a full one
// is waited for. A number is the routing id on a message, 0 is nobody's. (RFC 41)
type server struct {
	baseSender
	peers map[uint32]*queue.Pipe
	next  uint32
}

func newServer(s *Socket) (sender, receiver) {
	return &server{baseSender: baseSender{s}, peers: map[uint32]*queue.Pipe{}, next: rand.Uint32()}, onePart{s: s}
}

func (r *server) put(frames [][]byte, copied bool) (flush, error) {
	id := uint32(0)
	if len(frames[0]) == 4 {
		id = binary.BigEndian.Uint32(frames[0])
	}
	p := r.peers[id]
	if p == nil {
		return flush{}, fmt.Errorf("%w: no peer has routing id %d", ErrHostUnreachable, id)
	}
	switch status, wants := p.Put(nil, frames[1:], copied); status {
	case queue.Full:
		return flush{}, errWouldBlock
	case queue.Closed:
		return flush{}, fmt.Errorf("%w: the peer with routing id %d is gone", ErrHostUnreachable, id)
	case queue.Spilled:
		r.s.spill(p, nil, frames[1:], copied)
		return flush{}, nil
	default:
		return flushOf(p, wants), nil
	}
}

// numberOf is what a pipe's peer is called, 0 when it has no number.
func numberOf(p *queue.Pipe) uint32 {
	if id := p.RoutingID(); len(id) == 4 {
		return binary.BigEndian.Uint32(id)
	}
	return 0
}

// named is the peer whose number id is, in four bytes.
func (r *server) named(id []byte) (p *queue.Pipe, known bool) {
	if len(id) != 4 {
		return nil, true
	}
	return r.peers[binary.BigEndian.Uint32(id)], true
}

// admit gives a peer its number, or the one it had: that of a connected endpoint stays
// when it is dialled again.
func (r *server) admit(p *queue.Pipe, _ newcomer) (*queue.Pipe, error) {
	id := numberOf(p)
	if id == 0 || r.peers[id] != p {
		id = r.free()
		r.peers[id] = p
		p.SetRoutingID(binary.BigEndian.AppendUint32(nil, id))
	}
	var o buf.Origin // with each connection the peer may be another one
	if now := p.Origin(); now != nil {
		o = *now
	}
	o.RoutingID = id
	p.SetOrigin(&o)
	return nil, nil
}

// adopt numbers a connected endpoint before anybody answers there.
func (r *server) adopt(p *queue.Pipe, _ []byte) { _, _ = r.admit(p, newcomer{}) }

func (r *server) free() uint32 {
	for {
		r.next++
		if _, taken := r.peers[r.next]; !taken && r.next != 0 {
			return r.next
		}
	}
}

func (r *server) remove(p *queue.Pipe) {
	if id := numberOf(p); r.peers[id] == p {
		delete(r.peers, id)
	}
}
