package zmq4

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/zmq"
)

// Transports lists the transports that endpoints may name.
func Transports() []string { return []string{endpoint.Inproc, endpoint.IPC, endpoint.TCP} }

func (s *socket) Listen(text string) error {
	ep, err := s.usable(text, false)
	if err != nil {
		return err
	}
	opts, err := s.serverOptions()
	if err != nil {
		return err
	}
	bound, err := s.core.Bind(ep.String(), opts...)
	if err != nil {
		return fmt.Errorf("zmq4: could not listen to %q: %w", text, s.translated(err))
	}
	s.ends.listens()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addr = addrOf(bound)
	return nil
}

func (s *socket) Dial(text string) error {
	ep, err := s.usable(text, true)
	if err != nil {
		return err
	}
	if err := s.dial(ep.String()); err != nil {
		return fmt.Errorf("zmq4: could not dial to %q: %w", text, s.translated(err))
	}
	return nil
}

// dial connects and waits for what becomes of it: until the peer is there, or is
// known to be none for us, or nobody is there. Then it depends on WithDialerMaxRetries.
func (s *socket) dial(ep string) error {
	changed := make(chan struct{}, 1)
	defer s.core.Notify(changed)()
	if s.cfg.once {
		s.ends.cut(s.core, ep)
	}
	if err := s.core.Connect(ep, s.clientOptions()...); err != nil {
		return err
	}
	s.ends.dialled(s.core, ep)
	if local(ep) {
		return nil
	}
	for {
		st := s.core.Endpoint(ep)
		switch {
		case st.State == zmq.EndpointReady:
			return nil
		case st.State == zmq.EndpointOver || hopeless(st.Err), s.cfg.waits && s.cfg.maxRetries >= 0 && st.Attempts > s.cfg.maxRetries:
			s.ends.forget(ep)
			_ = s.core.Disconnect(ep) // it may be over already
			return cmp.Or(st.Err, zmq.ErrClosed)
		case st.Attempts > 0 && !s.cfg.waits:
			return nil
		}
		select {
		case <-changed:
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
}

// hopeless reports whether a peer is there, and will answer the next attempt as it
// answered this one: it is of a type that does not fit, wants another mechanism or
// refuses our credentials, or does not speak ZMTP.
func hopeless(err error) bool {
	var proto *zmq.ProtocolError
	return errors.Is(err, zmq.ErrAuth) || errors.Is(err, zmq.ErrServerKey) || errors.Is(err, wire.ErrIncompatible) || errors.As(err, &proto)
}

// usable reads an endpoint. A host or port that is left out stands for any; who
// dials such a host means this machine.
func (s *socket) usable(text string, dial bool) (endpoint.Endpoint, error) {
	if err := s.usableNow(); err != nil {
		return endpoint.Endpoint{}, err
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if host, port, err := net.SplitHostPort(rest); ok && scheme == endpoint.TCP && err == nil {
		text = "tcp://" + net.JoinHostPort(anyHost(host, dial), anyPort(port))
	}
	ep, err := endpoint.Parse(text)
	switch {
	case errors.Is(err, endpoint.ErrScheme):
		return ep, UnknownTransportError{Name: scheme}
	case err != nil:
		return ep, fmt.Errorf("%w: %v", zmq.ErrInvalidEndpoint, err)
	case ep.Scheme == endpoint.Inproc && (s.plain() != nil || s.own() != nil):
		return ep, fmt.Errorf("%w: inproc has no handshake that %s could be part of", ErrSecurity, s.cfg.security.Type())
	}
	return ep, nil
}

func anyHost(host string, dial bool) string {
	switch {
	case host != "" && host != endpoint.Wildcard && host != "0.0.0.0":
		return host
	case dial:
		return "127.0.0.1"
	}
	return endpoint.Wildcard
}

func anyPort(port string) string {
	if port == "" {
		return endpoint.Wildcard
	}
	return port
}

func (s *socket) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// addrOf is the address of a bound endpoint: a *net.TCPAddr, a *net.UnixAddr, or a
// name within the process.
func addrOf(bound string) net.Addr {
	scheme, rest, _ := strings.Cut(bound, "://")
	switch scheme {
	case endpoint.TCP:
		if ap, err := netip.ParseAddrPort(rest); err == nil {
			return net.TCPAddrFromAddrPort(ap)
		}
	case endpoint.IPC:
		return &net.UnixAddr{Name: rest, Net: "unix"}
	}
	return name{scheme, rest}
}

// name is an address that package net has no type for.
type name struct{ network, text string }

func (n name) Network() string { return n.network }
func (n name) String() string  { return n.text }
