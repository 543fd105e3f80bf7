package zmq

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/go-zactor/zactor/internal/queue"
)

// router is the sender of ROUTER: to the peer whose routing id is the first frame. What
// can't be sent is dropped and counted; with WithRouterMandatory that is an error, and a
// full peer is waited for. (RFC 28)
type router struct {
	routes
	claims map[string]*claim // of newcomers that do not take part yet
}

func newRouter(s *Socket) (sender, receiver) {
	return &router{routes: makeRoutes(s)}, &routed{}
}

// put sends to the peer that the first frame names. A routing id alone sends nothing, as
// in libzmq.
func (r *router) put(frames [][]byte, copied bool) (flush, error) {
	if len(frames) < 2 {
		r.s.stats.drop(dropMalformed)
		return flush{}, nil
	}
	mandatory := r.s.opts.get().routerMandatory
	p := r.byID[string(frames[0])]
	if p == nil {
		if mandatory {
			return flush{}, fmt.Errorf("%w: no peer has routing id %q", ErrHostUnreachable, frames[0])
		}
		r.s.stats.drop(dropNoRoute)
		return flush{}, nil
	}
	status, wants := p.Put(nil, frames[1:], copied)
	switch {
	case status == queue.Full && mandatory:
		return flush{}, errWouldBlock
	case status == queue.Full:
		r.s.stats.drop(dropHWM)
	case status == queue.Spilled:
		r.s.spill(p, nil, frames[1:], copied)
	case status == queue.Closed && mandatory:
		return flush{}, fmt.Errorf("%w: the peer with routing id %q is gone", ErrHostUnreachable, frames[0])
	case status == queue.Closed:
		r.s.stats.drop(dropPeerGone)
	}
	return flushOf(p, wants), nil
}

// writable: a ROUTER drops what it cannot deliver, so it can always send; with
// WithRouterMandatory some peer must have room.
func (r *router) writable() bool {
	if !r.s.opts.get().routerMandatory {
		return true
	}
	for _, p := range r.byID {
		if p.Status() == queue.OK {
			return true
		}
	}
	return false
}

func (r *router) places() int {
	if r.s.opts.get().routerMandatory {
		return 1
	}
	return proxyBurst
}

// admit enters a peer into the table: under the name that the program has given it, or
// the one that it gives itself, or one that is made up. replaced is the peer that lost
// its id to it.
func (r *router) admit(p *queue.Pipe, n newcomer) (replaced *queue.Pipe, err error) {
	id := n.identity
	if pr := peerOf(p); pr != nil && len(pr.rules.name) > 0 {
		id = pr.rules.name
	}
	if len(id) == 0 {
		if id = p.RoutingID(); len(id) == 0 || r.byID[string(id)] != nil {
			id = r.newID()
		}
		r.enter(p, id)
		return nil, nil
	}
	if !n.claimed {
		if err := r.free(string(id), principalOf(p)); err != nil {
			return nil, err
		}
	}
	if replaced = r.byID[string(id)]; replaced == p {
		replaced = nil
	}
	if replaced != nil {
		if err := r.mayTakeOver(replaced, principalOf(p), id); err != nil {
			return nil, err
		}
	}
	r.enter(p, append([]byte(nil), id...))
	return replaced, nil
}

// adopt lets messages wait for a peer that is named before it is there.
func (r *router) adopt(p *queue.Pipe, name []byte) {
	if len(name) > 0 {
		r.enter(p, append([]byte(nil), name...))
	}
}

// mayTakeOver says whether a peer that is who may have the routing id of another one.
// Without WithRouterHandover the first one keeps it. With it the new one takes over,
// but only from itself, and never a name that the program has given: messages for a
// peer that the program dials must not reach who dials in.
func (r *router) mayTakeOver(old *queue.Pipe, who principal, id []byte) error {
	switch {
	case !r.s.opts.get().routerHandover:
		return fmt.Errorf("%w: %q is taken", errDuplicateID, id)
	case len(dialledName(old)) > 0:
		return fmt.Errorf("%w: %q is the name of a peer that this socket dials", errDuplicateID, id)
	case principalOf(old) != who:
		return fmt.Errorf("%w: %q belongs to another user", errDuplicateID, id)
	}
	return nil
}

// claim is a routing id that is kept for newcomers. Connections of one owner may have it
// in common: with WithRouterHandover the last of them gets it.
type claim struct {
	owner principal
	n     int
}

func (r *router) claim(n newcomer) (leave func() bool, err error) {
	if len(n.identity) == 0 {
		return nil, nil
	}
	id, who := string(n.identity), principalOfPeer(n.info)
	if old := r.byID[id]; old != nil {
		if err := r.mayTakeOver(old, who, n.identity); err != nil {
			return nil, err
		}
	}
	if err := r.free(id, who); err != nil {
		return nil, err
	}
	c := r.claims[id]
	if c == nil {
		if r.claims == nil {
			r.claims = map[string]*claim{}
		}
		c = &claim{owner: who}
		r.claims[id] = c
	}
	c.n++
	return func() bool {
		if c.n--; c.n == 0 {
			delete(r.claims, id)
		}
		return r.byID[id] == nil
	}, nil
}

// free says whether one that has no claim on an id may have it.
func (r *router) free(id string, who principal) error {
	switch c := r.claims[id]; {
	case c == nil:
		return nil
	case !r.s.opts.get().routerHandover:
		return fmt.Errorf("%w: %q is taken", errDuplicateID, id)
	case c.owner != who:
		return fmt.Errorf("%w: %q belongs to another user", errDuplicateID, id)
	}
	return nil
}

func (r *router) taken(id []byte) bool {
	return r.byID[string(id)] != nil || r.claims[string(id)] != nil
}

func (r *router) replaced(p *queue.Pipe) bool { return r.byID[string(p.RoutingID())] != p }

// routes is the table of peers by their routing ids, of a ROUTER or STREAM.
type routes struct {
	baseSender
	byID map[string]*queue.Pipe
	next uint32 // of the ids that peers without one are given
}

func makeRoutes(s *Socket) routes {
	return routes{baseSender: baseSender{s}, byID: map[string]*queue.Pipe{}, next: rand.Uint32()}
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

func (r *routes) enter(p *queue.Pipe, id []byte) {
	r.remove(p) // the peer before this one at a connected endpoint had another name
	p.SetRoutingID(id)
	r.byID[string(id)] = p
}

func (r *routes) remove(p *queue.Pipe) {
	if id := p.RoutingID(); r.byID[string(id)] == p {
		delete(r.byID, string(id))
	}
}

func (r *routes) named(id []byte) (*queue.Pipe, bool) { return r.byID[string(id)], true }

// routed is the receiver of ROUTER and STREAM: who has sent a message is its first frame.
type routed struct {
	baseReceiver
	ids idArena
}

func (r *routed) open(t *taken) bool {
	t.m.Frames[0] = r.ids.copyOf(t.from.RoutingID())
	return true
}

// idArena hands out copies of routing ids, several from one allocation: the
// receiver may keep or change each of them.
type idArena struct{ b []byte }

func (a *idArena) copyOf(id []byte) []byte {
	if cap(a.b)-len(a.b) < len(id) {
		a.b = make([]byte, 0, max(64, 4*len(id)))
	}
	at := len(a.b)
	a.b = append(a.b, id...)
	return a.b[at:len(a.b):len(a.b)]
}
