package ws

import (
	"context"
	"net"
	"syscall"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/transport"
)

// listener makes WebSockets of what a listener of tcp accepts.
type listener struct {
	transport.Listener
	settings Settings
	name     string
}

// Listen binds to a ws or wss endpoint. listen binds to the tcp endpoint below.
func Listen(ep endpoint.Endpoint, s Settings, listen func(endpoint.Endpoint) (transport.Listener, error)) (transport.Listener, error) {
	if err := s.hasTLS(ep); err != nil {
		return nil, err
	}
	l, err := listen(below(ep))
	if err != nil {
		return nil, err
	}
	s.Host, s.Path = ep.Host, ep.Path
	return &listener{l, s, above(l.Endpoint(), ep)}, nil
}

// Dialer connects to a ws or wss endpoint, as often as it is called. dial connects to
// the tcp endpoint below; what comes after that, the upgrade with TLS before it, is
// left to the first Read or Write.
func Dialer(ep endpoint.Endpoint, s Settings, dial func(context.Context, endpoint.Endpoint) (net.Conn, error)) (func(context.Context) (net.Conn, error), error) {
	if err := s.hasTLS(ep); err != nil {
		return nil, err
	}
	s.Host, s.Path = net.JoinHostPort(ep.Host, ep.Port), ep.Path
	return func(ctx context.Context) (net.Conn, error) {
		nc, err := dial(ctx, below(ep))
		if err != nil {
			return nil, err
		}
		return Client(nc, s), nil
	}, nil
}

func (s Settings) hasTLS(ep endpoint.Endpoint) error {
	if ep.Scheme == endpoint.WSS && s.TLS == nil {
		return ErrNoTLS
	}
	return nil
}

// below is the tcp endpoint that carries ep.
func below(ep endpoint.Endpoint) endpoint.Endpoint {
	ep.Scheme, ep.Path = endpoint.TCP, ""
	return ep
}

// above is ep with the address that the tcp endpoint really has.
func above(tcp string, ep endpoint.Endpoint) string {
	if real, err := endpoint.Parse(tcp); err == nil {
		ep.Host, ep.Port = real.Host, real.Port
	}
	return ep.String()
}

func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Server(nc, l.settings), nil
}

func (l *listener) Endpoint() string { return l.name }

// SyscallConn shows the descriptor, which events tell.
func (l *listener) SyscallConn() (syscall.RawConn, error) {
	sc, ok := l.Listener.(syscall.Conn)
	if !ok {
		return nil, syscall.EINVAL
	}
	return sc.SyscallConn()
}
