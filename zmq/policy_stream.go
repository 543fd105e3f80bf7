package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/queue"
)

// streamer is the sender of STREAM: bytes for the plain program that the first frame names.
// Unlike a ROUTER a STREAM says when nobody has the name, and waits for one who is full.
type streamer struct {
	routes
	last []byte // what the last connected endpoint is called
}

func newStream(s *Socket) (sender, receiver) {
	return &streamer{routes: makeRoutes(s)}, &routed{}
}

// put sends bytes. None at all end the connection, after what was sent before.
func (r *streamer) put(frames [][]byte, copied bool) (flush, error) {
	if len(frames) == 1 { // nothing to send: libzmq takes it, too
		r.s.stats.drop(dropMalformed)
		return flush{}, nil
	}
	if len(frames) != 2 {
		return flush{}, fmt.Errorf("%w: %d frames; a STREAM needs the routing id and one frame of bytes", ErrInvalidMessage, len(frames))
	}
	p := r.byID[string(frames[0])]
	if p == nil {
		return flush{}, fmt.Errorf("%w: no connection has routing id %q", ErrHostUnreachable, frames[0])
	}
	status, wants := p.Put(nil, frames[1:], copied)
	switch status {
	case queue.Full:
		return flush{}, errWouldBlock
	case queue.Closed:
		return flush{}, fmt.Errorf("%w: the connection with routing id %q is gone", ErrHostUnreachable, frames[0])
	case queue.Spilled:
		j := r.s.spill(p, nil, frames[1:], copied)
		if len(frames[1]) == 0 {
			j.done = func() { r.end(p) }
		}
		return flush{}, nil
	}
	if len(frames[1]) == 0 {
		r.end(p)
	}
	return flushOf(p, wants), nil
}

// end lets nothing follow what was put for a connection.
func (r *streamer) end(p *queue.Pipe) {
	r.remove(p)
	p.Out.Leave()
	if pr := peerOf(p); pr != nil {
		pr.ended.Store(true)
	}
}

// admit gives a connection its routing id. That of a connected endpoint stays when it is
// dialled again.
func (r *streamer) admit(p *queue.Pipe, _ newcomer) (*queue.Pipe, error) {
	r.name(p, dialledName(p))
	return nil, nil
}

// adopt names a connected endpoint before anybody answers there.
func (r *streamer) adopt(p *queue.Pipe, name []byte) {
	r.name(p, name)
	r.last = p.RoutingID()
}

func (r *streamer) name(p *queue.Pipe, name []byte) {
	id := p.RoutingID()
	if len(id) > 0 && r.byID[string(id)] == p {
		return
	}
	if len(name) > 0 && r.byID[string(name)] == nil {
		r.enter(p, append([]byte(nil), name...))
		return
	}
	r.enter(p, r.newID())
}

func (r *streamer) taken(id []byte) bool { return r.byID[string(id)] != nil }

// dialledName is what WithConnectRoutingID has called the peer of a Connect.
func dialledName(p *queue.Pipe) []byte {
	if pr := peerOf(p); pr != nil && !pr.rules.accepted {
		return pr.rules.name
	}
	return nil
}

// streamID makes the row of ROUTING_ID say, on a STREAM, what the last connected
// endpoint is called: it is what the program needs to send there.
func streamID(row optionRow) optionRow {
	own := row.get
	row.get = func(s *Socket, o *options) any {
		r, ok := s.tx.(*streamer)
		if !ok {
			return own(s, o)
		}
		s.sendMu.Lock()
		defer s.sendMu.Unlock()
		return string(r.last)
	}
	return row
}
