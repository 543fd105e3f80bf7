package zmq4

import (
	"fmt"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/zmq"
)

// SecurityType names a security mechanism.
type SecurityType string

// The security mechanisms.
const (
	NullSecurity  SecurityType = "NULL"
	PlainSecurity SecurityType = "PLAIN"
	CurveSecurity SecurityType = "CURVE"
)

// Security is a security mechanism as packages security/null and security/plain
// make it. The handshakes themselves are the core's; mechanisms of a program's own
// are not possible.
type Security interface {
	// Type names the mechanism.
	Type() SecurityType
}

// credentials is what a Security of PLAIN has besides.
type credentials interface {
	Credentials() (user, password string)
}

func (s *socket) checkSecurity() error {
	switch sec := s.cfg.security; {
	case sec == nil || sec.Type() == NullSecurity || s.plain() != nil:
		return nil
	default:
		return fmt.Errorf("%w: %q: want NULL or PLAIN; CURVE is set with WithCore", ErrSecurity, sec.Type())
	}
}

// plain is the user of a PLAIN socket, nil for others.
func (s *socket) plain() credentials {
	if s.cfg.security == nil || s.cfg.security.Type() != PlainSecurity {
		return nil
	}
	c, _ := s.cfg.security.(credentials)
	return c
}

// clientOptions are those of an endpoint that is dialled: how long an attempt may take,
// and with PLAIN the client's name and password.
func (s *socket) clientOptions() []zmq.Option {
	opts := []zmq.Option{zmq.WithConnectTimeout(s.cfg.dialTimeout), zmq.WithHandshakeInterval(s.cfg.dialTimeout)}
	if s.plain() != nil {
		opts = append(opts, zmq.WithPlainClient(s.plain().Credentials()))
	}
	return opts
}

// serverOptions make an endpoint of Listen a PLAIN server that lets in who has the
// socket's own user name and password. The authenticator is in a Context of the
// socket's own, so that it decides about nobody else's peers.
func (s *socket) serverOptions() ([]zmq.Option, error) {
	if s.plain() == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate == nil {
		var one auth.Passwords
		if err := one.Set(s.plain().Credentials()); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSecurity, err)
		}
		gate, err := auth.New(s.zc)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSecurity, s.translated(err))
		}
		gate.Plain(auth.AnyDomain, &one)
		s.gate = gate
	}
	return []zmq.Option{zmq.WithPlainServer()}, nil
}
