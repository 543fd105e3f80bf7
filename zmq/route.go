package zmq

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/go-zactor/zactor/internal/pipe"
)

// routes is a ROUTER's table of peers, guarded by sendMu.
type routes struct {
	byID map[string]*pipe.Pipe
	next uint32 // of the ids that peers without one are given
	last []byte // STREAM: what the last connected endpoint is called
}

func (r *routes) init() {
	r.byID = map[string]*pipe.Pipe{}
	r.next = rand.Uint32()
}

// newID makes up an id for a peer that has none: a zero byte, which no peer may
// begin its own with, and a counter.
func (r *routes) newID() []byte {
	for {
		r.next++
		id := binary.BigEndian.AppendUint32([]byte{0}, r.next)
		if _, taken := r.byID[string(id)]; !taken {
			return id
		}
	}
}

// putRoute sends to the peer that the first frame names. A routing id alone sends
// nothing, as in libzmq.
func (s *Socket) putRoute(frames [][]byte, copied bool) (kick, error) {
	if len(frames) < 2 {
		s.drop(nil, dropMalformed)
		return kick{}, nil
	}
	mandatory := s.opts.get().routerMandatory
	p := s.out.route.byID[string(frames[0])]
	if p == nil {
		if mandatory {
			return kick{}, fmt.Errorf("%w: no peer has routing id %q", ErrHostUnreachable, frames[0])
		}
		s.drop(nil, dropNoRoute)
		return kick{}, nil
	}
	status, k := p.Put(nil, frames[1:], copied)
	switch {
	case status == pipe.Full && mandatory:
		return kick{}, errWouldBlock
	case status == pipe.Full:
		s.drop(p, dropHWM)
	case status == pipe.Failed:
		return kick{}, swapError(p)
	case status == pipe.Closed && mandatory:
		return kick{}, fmt.Errorf("%w: the peer with routing id %q is gone", ErrHostUnreachable, frames[0])
	case status == pipe.Closed:
		s.drop(p, dropPeerGone)
	}
	if k {
		return kick{one: p}, nil
	}
	return kick{}, nil
}

// admit enters a peer into the table, under id or, without one, under a made-up name.
// old is the peer that lost its id to it.
func (r *routes) admit(p *pipe.Pipe, id []byte, handover bool) (old *pipe.Pipe, err error) {
	if len(id) == 0 {
		if id = p.RoutingID(); len(id) == 0 || r.byID[string(id)] != nil {
			id = r.newID()
		}
		r.enter(p, id)
		return nil, nil
	}
	old = r.byID[string(id)]
	if old == p {
		old = nil
	}
	if old != nil {
		if err := mayTakeOver(old, principalOf(p), id, handover); err != nil {
			return nil, err
		}
	}
	r.enter(p, append([]byte(nil), id...))
	return old, nil
}

// mayTakeOver says whether a peer that is who may have the routing id of another one.
// Without WithRouterHandover the first one keeps it. With it the new one takes over,
// but only from itself, and never a name that the program has given: messages for a
// peer that the program dials must not reach who dials in.
func mayTakeOver(old *pipe.Pipe, who principal, id []byte, handover bool) error {
	switch {
	case !handover:
		return fmt.Errorf("%w: %q is taken", errDuplicateID, id)
	case len(dialledName(old)) > 0:
		return fmt.Errorf("%w: %q is the name of a peer that this socket dials", errDuplicateID, id)
	case principalOf(old) != who:
		return fmt.Errorf("%w: %q belongs to another user", errDuplicateID, id)
	}
	return nil
}

func (r *routes) enter(p *pipe.Pipe, id []byte) {
	r.remove(p) // the peer before this one at a connected endpoint had another name
	p.SetRoutingID(id)
	r.byID[string(id)] = p
}

func (r *routes) remove(p *pipe.Pipe) {
	if id := p.RoutingID(); r.byID[string(id)] == p {
		delete(r.byID, string(id))
	}
}
