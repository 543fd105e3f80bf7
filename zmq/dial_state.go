package zmq

import (
	"slices"
	"sync"

	"github.com/go-zactor/zactor/internal/session"
)

// DialState is how things stand with a connected endpoint.
type DialState struct {
	Connected bool  // its peer is there, and ready
	Failed    int   // attempts that failed since the peer was last there
	Err       error // why the last one did, or why the peer was lost; nil: neither happened
	Over      bool  // nobody dials it any more, or it is not connected at all
}

// dialNotes remembers how the attempts of each connected endpoint went, with a lock of
// its own, under which nothing is called.
type dialNotes struct {
	mu   sync.Mutex
	byEP map[string]*dialNote
}

type dialNote struct {
	failed int
	err    error
}

// begin starts to remember an endpoint, or starts anew.
func (n *dialNotes) begin(endpoint string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byEP == nil {
		n.byEP = map[string]*dialNote{}
	}
	n.byEP[endpoint] = &dialNote{}
}

// came notes that the peer of an endpoint is there.
func (n *dialNotes) came(endpoint string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if note := n.byEP[endpoint]; note != nil {
		*note = dialNote{}
	}
}

func (n *dialNotes) end(endpoint string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.byEP, endpoint)
}

// failed notes what an event says.
func (n *dialNotes) failed(endpoint string, retried bool, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	note := n.byEP[endpoint]
	if note == nil {
		return
	}
	note.err = err
	if retried {
		note.failed++
	}
}

func (n *dialNotes) get(endpoint string) dialNote {
	n.mu.Lock()
	defer n.mu.Unlock()
	if note := n.byEP[endpoint]; note != nil {
		return *note
	}
	return dialNote{}
}

// DialState returns how things stand with an endpoint that was given to Connect, as it
// was given. A channel given to Notify hears of each change. It may be called at any
// time; of an endpoint that is not connected it says Over.
func (s *Socket) DialState(endpoint string) DialState {
	note := s.dials.get(endpoint)
	st := DialState{Connected: s.peers.hasReady(endpoint), Failed: note.failed, Err: note.err}
	st.Over = !s.ends.tries(endpoint)
	return st
}

// tries reports whether something tries to connect to an endpoint, or is connected.
func (e *endpoints) tries(endpoint string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.dialled[endpoint], func(c closer) bool {
		d, ok := c.(*session.Connector)
		return !ok || !d.Over()
	})
}

// hasReady reports whether a peer of an endpoint is there.
func (s *peerSet) hasReady(endpoint string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pr := range s.pipes {
		if pr.ready && pr.endpoint == endpoint {
			return true
		}
	}
	return false
}

// noteDial remembers what an event says of a connected endpoint.
func (s *Socket) noteDial(e session.Event) {
	if e.Err == nil {
		return
	}
	retried := e.Kind == session.ConnectRetried
	s.dials.failed(e.Endpoint, retried, publicError(e.Err))
	if retried {
		s.watch.notify()
	}
}
