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

// Security is a security mechanism. Packages security/null and security/plain make those
// of NULL and PLAIN, whose handshakes are the core's.
//
// A mechanism of a program's own has these methods besides, as the original's Security
// has:
//
//	Handshake(conn *Conn, server bool) error
//	Encrypt(w io.Writer, data []byte) (int, error)
//	Decrypt(w io.Writer, data []byte) (int, error)
//
// Handshake speaks with the peer over conn, in commands, and fills conn.Peer.Meta.
// Encrypt and Decrypt see each frame, those of the handshake's commands too, from one
// goroutine each. Sockets use it over tcp and ipc. A peer must end its handshake within
// ten seconds (zmq.WithHandshakeInterval); what panics ends its connection only.
type Security interface {
	// Type names the mechanism: 20 bytes at most, on the wire.
	Type() SecurityType
}

// credentials is what a Security of PLAIN has besides.
type credentials interface {
	Credentials() (user, password string)
}

func (s *socket) checkSecurity() error {
	switch sec := s.cfg.security; {
	case sec == nil || sec.Type() == NullSecurity || s.plain() != nil || s.own() != nil:
		return nil
	default:
		return fmt.Errorf("%w: %q: want NULL, PLAIN, or a mechanism with a Handshake; CURVE is set with WithCore", ErrSecurity, sec.Type())
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
