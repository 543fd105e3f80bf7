package zmq4

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/internal/endpoint"
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
	connect := func() error { return s.core.Connect(ep.String(), s.clientOptions()...) }
	if s.cfg.maxRetries < 0 || ep.Scheme == endpoint.Inproc {
		err = connect()
	} else {
		err = s.insist(ep.String(), connect)
	}
	if err != nil {
		return fmt.Errorf("zmq4: could not dial to %q: %w", text, s.translated(err))
	}
	return nil
}

// insist connects and waits for the peer. The endpoint is given up when more
// attempts have failed than there may be.
func (s *socket) insist(ep string, connect func() error) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	const mask = zmq.EventHandshakeSucceeded | zmq.EventHandshakeFailedAuth | zmq.EventHandshakeFailedProtocol |
		zmq.EventHandshakeFailedNoDetail | zmq.EventClosed | zmq.EventConnectRetried
	events := s.core.Events(ctx, mask)
	if err := connect(); err != nil {
		return err
	}
	if s.connectedTo(ep) { // by an earlier Dial, so that nothing will happen now
		return nil
	}
	failed, why := 0, error(nil)
	for e := range events {
		switch {
		case e.Endpoint != ep:
			continue
		case e.Kind == zmq.EventHandshakeSucceeded:
			return nil
		case e.Kind == zmq.EventConnectRetried:
			failed++
		case e.Err != nil:
			why = e.Err
		}
		if failed > s.cfg.maxRetries || errors.Is(why, zmq.ErrAuth) {
			return errors.Join(why, s.core.Disconnect(ep))
		}
	}
	return zmq.ErrClosed
}

func (s *socket) connectedTo(ep string) bool {
	return slices.ContainsFunc(s.core.Peers(), func(p zmq.PeerInfo) bool {
		return p.Endpoint == ep && p.Connected
	})
}

// usable reads an endpoint. A host or port that is left out stands for any; who
// dials such a host means this machine.
func (s *socket) usable(text string, dial bool) (endpoint.Endpoint, error) {
	if s.err != nil {
		return endpoint.Endpoint{}, s.err
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
	case ep.Scheme == endpoint.Inproc && s.plain() != nil:
		return ep, fmt.Errorf("%w: inproc has no handshake that PLAIN could be part of", ErrSecurity)
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
