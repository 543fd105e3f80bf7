package zmq

import (
	"fmt"

	"github.com/go-zactor/zactor/internal/session"
)

// note remembers why a peer could not be had, for those who wait for one.
func (s *Socket) note(e session.Event) {
	switch e.Kind {
	case session.HandshakeSucceeded:
		s.trouble.Store(nil)
	case session.ConnectRetried, session.HandshakeFailedNoDetail, session.HandshakeFailedProtocol, session.HandshakeFailedAuth:
		if err := publicError(e.Err); err != nil {
			s.trouble.Store(&err)
		}
	}
}

// lastTrouble is why the last attempt to get a peer failed, nil when there was none.
func (s *Socket) lastTrouble() error {
	if why := s.trouble.Load(); why != nil {
		return *why
	}
	return nil
}

// waitError is the error of a wait that was in vain.
func (s *Socket) waitError(err error) error {
	if why := s.trouble.Load(); why != nil {
		return fmt.Errorf("zmq: wait: %w (last failure: %v)", err, *why)
	}
	return fmt.Errorf("zmq: wait: %w", err)
}
