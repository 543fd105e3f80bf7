package udp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// Config is what the options of an endpoint say.
type Config struct {
	// Addresses: messages are an address and a datagram (DGRAM); else they are a
	// group and a body.
	Addresses bool

	IPv6           bool   // "*" and names mean both families
	Hops           int    // how many routers may pass multicast on, and one more
	Loop           bool   // this machine gets its own multicast
	TOS            int    // 0: the system's
	SndBuf, RcvBuf int    // 0 or less: the system's, and for RcvBuf readBuffer
	Device         string // the only network interface to use; Linux
}

// control sets what must be set before the socket is bound.
func (c *Config) control(_, _ string, raw syscall.RawConn) (err error) {
	cerr := raw.Control(func(fd uintptr) { err = prepare(int(fd), c.Device) })
	return errors.Join(cerr, err)
}

// open makes a socket that is bound to address.
func (c *Config) open(ctx context.Context, network, address string) (*net.UDPConn, error) {
	lc := net.ListenConfig{Control: c.control}
	pc, err := lc.ListenPacket(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := pc.(*net.UDPConn)
	if err := c.tune(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// readBuffer is how many bytes the system is asked to keep of what comes faster than it is
// read. Else it holds some hundred datagrams, which is less than a millisecond of a flood, and
// too little to find out whose flood that is (internal/gate).
const readBuffer = 1 << 20

func (c *Config) tune(conn *net.UDPConn) (err error) {
	if c.SndBuf > 0 {
		err = conn.SetWriteBuffer(c.SndBuf)
	}
	switch {
	case c.RcvBuf > 0 && err == nil:
		err = conn.SetReadBuffer(c.RcvBuf)
	case c.RcvBuf <= 0:
		_ = conn.SetReadBuffer(readBuffer) // systems give what their administrators allow
	}
	if c.TOS > 0 && err == nil {
		if isIPv4(conn) {
			err = ipv4.NewPacketConn(conn).SetTOS(c.TOS)
		} else {
			err = ipv6.NewPacketConn(conn).SetTrafficClass(c.TOS)
		}
	}
	return err
}

func isIPv4(conn *net.UDPConn) bool {
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().Is4()
}

// bind makes the socket that receives at ep.
func (c *Config) bind(ctx context.Context, ep endpoint.Endpoint) (*net.UDPConn, error) {
	port := ep.Port
	if port == endpoint.Wildcard {
		port = "0"
	}
	group, _ := netip.ParseAddr(ep.Host)
	if !group.IsMulticast() {
		host, err := c.local(ep.Host)
		if err != nil {
			return nil, err
		}
		return c.open(ctx, c.network(group), net.JoinHostPort(host, port))
	}
	ifi, err := interfaceOf(ep.Source)
	if err != nil {
		return nil, err
	}
	// Package net lets others bind the same group, and binds any address.
	conn, err := c.open(ctx, c.network(group), net.JoinHostPort(ep.Host, port))
	if err != nil {
		return nil, err
	}
	to := &net.UDPAddr{IP: group.AsSlice()}
	if group.Is4() {
		err = ipv4.NewPacketConn(conn).JoinGroup(ifi, to)
	} else {
		err = ipv6.NewPacketConn(conn).JoinGroup(ifi, to)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("join %s: %w", group, err)
	}
	return conn, nil
}

// dial makes the socket that sends to ep.
func (c *Config) dial(ctx context.Context, ep endpoint.Endpoint) (*net.UDPConn, error) {
	host, _ := netip.ParseAddr(ep.Host)
	local, port := "", "0"
	var ifi *net.Interface
	var err error
	switch {
	case host.IsMulticast():
		ifi, err = interfaceOf(ep.Source)
	case ep.Source.Host != "":
		local, err = c.local(ep.Source.Host)
	}
	if err != nil {
		return nil, err
	}
	if p := ep.Source.Port; p != "" && p != endpoint.Wildcard {
		port = p
	}
	conn, err := c.open(ctx, c.network(host), net.JoinHostPort(local, port))
	if err == nil && host.IsMulticast() {
		if err = c.cast(conn, host, ifi); err != nil {
			conn.Close()
		}
	}
	return conn, err
}

// cast says how multicast leaves.
func (c *Config) cast(conn *net.UDPConn, group netip.Addr, ifi *net.Interface) error {
	if group.Is4() {
		p := ipv4.NewPacketConn(conn)
		err := errors.Join(p.SetMulticastTTL(c.Hops), p.SetMulticastLoopback(c.Loop))
		if ifi != nil {
			err = errors.Join(err, p.SetMulticastInterface(ifi))
		}
		return err
	}
	p := ipv6.NewPacketConn(conn)
	err := errors.Join(p.SetMulticastHopLimit(c.Hops), p.SetMulticastLoopback(c.Loop))
	if ifi != nil {
		err = errors.Join(err, p.SetMulticastInterface(ifi))
	}
	return err
}

// network is the family for a literal address, or for a name when ip is invalid.
func (c *Config) network(ip netip.Addr) string {
	switch {
	case ip.Is4() || !ip.IsValid() && !c.IPv6:
		return "udp4"
	case ip.Is6():
		return "udp6"
	}
	return "udp"
}
