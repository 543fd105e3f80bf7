package transport

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// tcpListener tunes what a net.TCPListener accepts.
type tcpListener struct {
	*net.TCPListener
	options Options
	name    string
	close   func() error // once
}

func listenTCP(ctx context.Context, ep endpoint.Endpoint, o Options) (Listener, error) {
	network, host, err := localHost(ep.Host, o)
	if err != nil {
		return nil, fmt.Errorf("bind %s: %w", ep, err)
	}
	lc := net.ListenConfig{
		Control:   func(network, _ string, c syscall.RawConn) error { return o.control(network, c, false) },
		KeepAlive: -1, // tune decides
	}
	lc.SetMultipathTCP(false)
	l, err := lc.Listen(ctx, network, net.JoinHostPort(host, localPort(ep.Port)))
	if err != nil {
		return nil, bindError(ep, err)
	}
	tl := l.(*net.TCPListener)
	if err := setBacklog(tl, o.Backlog); err != nil {
		_ = tl.Close()
		return nil, bindError(ep, err)
	}
	return &tcpListener{
		TCPListener: tl,
		options:     o,
		name:        nameOf(tl.Addr().(*net.TCPAddr)),
		close:       sync.OnceValue(tl.Close),
	}, nil
}

func (l *tcpListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	// A peer that is gone again makes options fail; reading from it will say
	// so better.
	_ = tune(c, l.options)
	return c, nil
}

func (l *tcpListener) Close() error     { return l.close() }
func (l *tcpListener) Endpoint() string { return l.name }

func nameOf(a *net.TCPAddr) string {
	host := a.AddrPort().Addr().String()
	return endpoint.Endpoint{Scheme: endpoint.TCP, Host: host, Port: strconv.Itoa(a.Port)}.String()
}

func dialTCP(ctx context.Context, ep endpoint.Endpoint, o Options) (net.Conn, error) {
	if o.SocksProxy != "" {
		return dialSocks(ctx, ep, o)
	}
	if ep.IPv6() && !o.IPv6 {
		return nil, fmt.Errorf("connect %s: %w", ep, ErrIPv6Off)
	}
	return dialFrom(ctx, ep.Source, net.JoinHostPort(ep.Host, ep.Port), o)
}

// dialFrom connects to address from src, which may be none.
func dialFrom(ctx context.Context, src endpoint.Source, address string, o Options) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	origins, err := localAddrs(src, host, o)
	if err != nil {
		return nil, fmt.Errorf("connect from %s%s: %w", src, address, err)
	}
	var c net.Conn
	for _, from := range origins {
		if c, err = from.dial(ctx, address, o); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if c.LocalAddr().String() == c.RemoteAddr().String() {
		_ = c.(*net.TCPConn).SetLinger(0) // no TIME_WAIT
		_ = c.Close()
		return nil, fmt.Errorf("connect %s: %w", address, ErrSelf)
	}
	if err := tune(c.(*net.TCPConn), o); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("connect %s: %w", address, err)
	}
	return c, nil
}

// dial connects to address from one origin.
func (from origin) dial(ctx context.Context, address string, o Options) (net.Conn, error) {
	local := from.addr
	d := net.Dialer{
		// Whatever port a connection had may be bound while it is in TIME_WAIT: the
		// next one from a fixed port does, and so does a server whose port the kernel
		// has once given to a client.
		Control:   func(network, _ string, c syscall.RawConn) error { return o.control(network, c, true) },
		KeepAlive: -1, // tune decides
	}
	if local != nil { // a nil *TCPAddr in the interface would not be nil
		d.LocalAddr = local
	}
	return d.DialContext(ctx, from.network, address)
}

// tune sets what must be set on each connection, accepted or dialed.
// TCP_NODELAY needs no line: package net turns it on.
func tune(c *net.TCPConn, o Options) error {
	var err error
	switch {
	case o.KeepAlive == 0:
		err = c.SetKeepAlive(false)
	case o.KeepAlive > 0:
		err = c.SetKeepAliveConfig(net.KeepAliveConfig{
			Enable:   true,
			Idle:     time.Duration(orSystem(o.KeepAliveIdle)) * time.Second,
			Interval: time.Duration(orSystem(o.KeepAliveIntvl)) * time.Second,
			Count:    orSystem(o.KeepAliveCnt),
		})
	}
	if err == nil && o.MaxRT > 0 {
		err = setUserTimeout(c, o.MaxRT)
	}
	if err == nil && (o.Priority > 0 || o.BusyPoll > 0) {
		err = o.prioritizeConn(c) // an accepted connection does not inherit them
	}
	return err
}

func (o Options) prioritizeConn(c *net.TCPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = o.prioritize(int(fd)) })
	if failed != nil {
		return failed
	}
	return err
}

// orSystem is n as package net wants it: negative leaves the system's value.
func orSystem(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}
