package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/pipe"
)

// putStream sends bytes to the plain program that the first frame names. None at
// all end its connection, after what was sent before. Unlike a ROUTER a STREAM says
// when nobody has the name, and waits for one who is full.
func (s *Socket) putStream(frames [][]byte, copied bool) (kick, error) {
	if len(frames) == 1 { // nothing to send: libzmq takes it, too
		s.drop(nil, dropMalformed)
		return kick{}, nil
	}
	if len(frames) != 2 {
		return kick{}, fmt.Errorf("%w: %d frames; a STREAM needs the routing id and one frame of bytes", ErrInvalidMessage, len(frames))
	}
	p := s.out.route.byID[string(frames[0])]
	if p == nil {
		return kick{}, fmt.Errorf("%w: no connection has routing id %q", ErrHostUnreachable, frames[0])
	}
	status, k := p.Put(nil, frames[1:], copied)
	switch status {
	case pipe.Full:
		return kick{}, errWouldBlock
	case pipe.Closed:
		return kick{}, fmt.Errorf("%w: the connection with routing id %q is gone", ErrHostUnreachable, frames[0])
	}
	if len(frames[1]) == 0 {
		s.out.route.remove(p)
		p.Out.Leave()
		if pr := peerOf(p); pr != nil {
			pr.ended.Store(true)
		}
	}
	if k {
		return kick{one: p}, nil
	}
	return kick{}, nil
}

// admitStream gives a connection its routing id. That of a connected endpoint stays
// when it is dialled again. The caller holds sendMu.
func (r *routes) admitStream(p *pipe.Pipe, name []byte) {
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

// dialledName is what WithConnectRoutingID has called the peer of a Connect.
func dialledName(p *pipe.Pipe) []byte {
	if pr := peerOf(p); pr != nil && !pr.rules.accepted {
		return pr.rules.name
	}
	return nil
}

// adoptStream names a connected endpoint before anybody answers there.
func (s *Socket) adoptStream(p *pipe.Pipe, name []byte) {
	s.sendMu.Lock()
	s.out.route.admitStream(p, name)
	s.out.route.last = p.RoutingID()
	s.sendMu.Unlock()
}

// streamID makes the row of ROUTING_ID say, on a STREAM, what the last connected
// endpoint is called: it is what the program needs to send there.
func streamID(row optionRow) optionRow {
	own := row.get
	row.get = func(s *Socket, o *options) any {
		if s.typ != Stream {
			return own(s, o)
		}
		s.sendMu.Lock()
		defer s.sendMu.Unlock()
		return string(s.out.route.last)
	}
	return row
}
