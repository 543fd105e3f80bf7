package zmq

import (
	"fmt"
	"sync"

	"github.com/go-zactor/zactor/internal/session"
)

// troubles are why peers could not be had: the last failure of each endpoint.
type troubles struct {
	mu   sync.Mutex
	of   map[string]error // by endpoint
	last string           // the endpoint that failed last
}

// note keeps what an event tells, for those who wait for a peer.
func (t *troubles) note(e session.Event) {
	switch e.Kind {
	case session.HandshakeSucceeded:
		t.set(e.Endpoint, nil)
	case session.ConnectRetried, session.HandshakeFailedNoDetail, session.HandshakeFailedProtocol, session.HandshakeFailedAuth:
		if err := publicError(e.Err); err != nil {
			t.set(e.Endpoint, err)
		}
	}
}

func (t *troubles) set(endpoint string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		delete(t.of, endpoint)
		return
	}
	if t.of == nil {
		t.of = map[string]error{}
	}
	t.of[endpoint], t.last = err, endpoint
}

// why is the last failure of an endpoint, nil when there was none since it was ready.
func (t *troubles) why(endpoint string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of[endpoint]
}

// latest is the failure of the endpoint that failed last.
func (t *troubles) latest() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of[t.last]
}

// waitError is the error of a wait that was in vain.
func (s *Socket) waitError(err error) error {
	if why := s.trouble.latest(); why != nil {
		return fmt.Errorf("zmq: wait: %w (last failure: %v)", err, why)
	}
	return fmt.Errorf("zmq: wait: %w", err)
}
