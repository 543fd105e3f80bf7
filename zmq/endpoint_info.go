package zmq

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/session"
)

// EndpointState is what a socket does about one of its endpoints.
type EndpointState uint8

// The states of an endpoint. A connected one goes from Dialing over Handshake to
// Ready, and from any of them to Waiting when that failed or was lost.
const (
	EndpointOver      EndpointState = iota // nobody works on it: it is not in use, or was given up
	EndpointListening                      // bound: peers may come
	EndpointDialing                        // an attempt to connect is under way
	EndpointHandshake                      // a connection is there, and the peers are getting to know each other
	EndpointReady                          // the peer is there
	EndpointWaiting                        // the last attempt failed, and another one follows
)

var endpointStates = [...]string{"over", "listening", "dialing", "handshake", "ready", "waiting"}

// String is the state in lower case.
func (s EndpointState) String() string {
	if int(s) < len(endpointStates) {
		return endpointStates[s]
	}
	return "unknown"
}

// EndpointInfo is how things stand with one endpoint of a socket. The same facts feed
// the events, the errors of calls that waited in vain, and Peers.
type EndpointInfo struct {
	Endpoint string // as it was given to Connect, or as Bind returned it
	State    EndpointState
	Err      error     // why it last failed or was lost; nil: neither happened since it was ready
	Attempts int       // that failed since the peer was last there
	RetryAt  time.Time // of the next attempt, while it waits
	Since    time.Time // of the state
}

// String is one line for people.
func (i EndpointInfo) String() string {
	s := fmt.Sprintf("%s: %s", i.Endpoint, i.State)
	if i.Err == nil && i.State == EndpointDialing && strings.HasPrefix(i.Endpoint, "inproc:") {
		return i.Endpoint + ": nobody has bound it in this Context"
	}
	if i.Err != nil {
		s = i.Endpoint + ": " + strings.TrimPrefix(i.Err.Error(), "zmq: ")
	}
	if i.Attempts > 0 {
		s += fmt.Sprintf(" (%s%s)", attempts(i.Attempts), i.next())
	}
	return s
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

func (i EndpointInfo) next() string {
	switch left := time.Until(i.RetryAt); {
	case i.State == EndpointOver:
		return ", given up"
	case i.State == EndpointWaiting && left > 0:
		return ", next in " + left.Round(10*time.Millisecond).String()
	case i.State == EndpointDialing, i.State == EndpointHandshake, i.State == EndpointWaiting:
		return ", one under way"
	}
	return ""
}

// Endpoints lists the endpoints that the socket is bound or connected to, and how
// things stand with each. It may be called at any time.
func (s *Socket) Endpoints() []EndpointInfo {
	list := s.states.all()
	ready := s.peers.readyEndpoints()
	for i := range list {
		s.complete(&list[i], ready[list[i].Endpoint])
	}
	return list
}

// Endpoint is how things stand with one endpoint, named as it was given to Connect or
// as Bind returned it. A channel given to Notify hears of each change. Of an endpoint
// that the socket does not use it says EndpointOver.
func (s *Socket) Endpoint(endpoint string) EndpointInfo {
	i, known := s.states.get(endpoint)
	if known {
		s.complete(&i, s.peers.hasReady(i.Endpoint))
	}
	return i
}

// complete adds what no event tells: that an endpoint was given up, and that its peer
// has gone a moment ago.
func (s *Socket) complete(i *EndpointInfo, ready bool) {
	if i.State == EndpointListening {
		return
	}
	switch {
	case ready:
		i.State = EndpointReady
	case !s.ends.tries(i.Endpoint):
		i.State = EndpointOver
	case i.State == EndpointReady:
		i.State = EndpointWaiting
	}
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

// readyEndpoints are the endpoints of which a peer is there.
func (s *peerSet) readyEndpoints() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := map[string]bool{}
	for _, pr := range s.pipes {
		if pr.ready {
			ready[pr.endpoint] = true
		}
	}
	return ready
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
