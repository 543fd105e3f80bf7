package pgm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/net/ipv4"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/gate"
)

// protocol is PGM's number in IP headers.
const protocol = "ip4:113"

// packetConn is one socket: UDP for epgm, raw IP for pgm.
type packetConn struct {
	net.PacketConn
	udp  *net.UDPConn // nil for raw IP
	port uint16
}

// place is where an endpoint's sockets are.
type place struct {
	nic
	cfg    Config
	port   uint16
	groups []netip.Addr
}

// locate finds the groups and the interface of an endpoint.
func locate(cfg Config) (place, error) {
	groups, err := cfg.Endpoint.Groups()
	if err != nil {
		return place{}, err
	}
	port, err := strconv.ParseUint(cfg.Endpoint.Port, 10, 16)
	if err != nil {
		return place{}, err // not possible: the endpoint has been checked
	}
	n, err := findNIC(cfg.Endpoint, groups[0])
	return place{nic: n, cfg: cfg, port: uint16(port), groups: groups}, err
}

// open makes a socket at an address and, for UDP, a port; 0 is any free one.
func (p *place) open(at netip.Addr, port uint16) (*packetConn, error) {
	lc := net.ListenConfig{Control: p.prepare}
	network, addr := "udp4", netip.AddrPortFrom(at, port).String()
	if p.cfg.Endpoint.Scheme == endpoint.PGM {
		network, addr = protocol, at.String()
	}
	c, err := lc.ListenPacket(context.Background(), network, addr)
	if err != nil {
		if network == protocol && errors.Is(err, fs.ErrPermission) {
			return nil, ErrPermission
		}
		return nil, fmt.Errorf("open %s on %s: %w", addr, p.Name, err)
	}
	l := &packetConn{PacketConn: c, port: p.port}
	l.udp, _ = c.(*net.UDPConn)
	return l, nil
}

// hear opens a socket that hears one group.
func (p *place) hear(group netip.Addr) (*packetConn, error) {
	l, err := p.open(hearAt(group), p.port)
	if err != nil {
		return nil, err
	}
	if c, ok := l.PacketConn.(interface{ SetReadBuffer(int) error }); ok {
		size := p.cfg.RcvBuf
		if size <= 0 {
			size = recvBuffer
		}
		_ = c.SetReadBuffer(size) // the system gives what it likes in any case
	}
	if err := ipv4.NewPacketConn(l.PacketConn).JoinGroup(p.Interface, &net.UDPAddr{IP: group.AsSlice()}); err != nil {
		l.Close()
		return nil, fmt.Errorf("join %v on %s: %w", group, p.Name, err)
	}
	return l, nil
}

// speak opens the socket of a source: it sends to the group, and hears what is sent
// to the source itself. Bound to the interface's address it is preferred to sockets
// that are bound to the port alone, as those of libzmq's receivers on this host.
func (p *place) speak() (*packetConn, error) {
	l, err := p.open(p.addr, p.port)
	if err != nil {
		return nil, err
	}
	if err := p.multicast(l); err != nil {
		l.Close()
		return nil, fmt.Errorf("configure %v on %s: %w", p.addr, p.Name, err)
	}
	return l, nil
}

func (p *place) multicast(l *packetConn) error {
	c := ipv4.NewPacketConn(l.PacketConn)
	if err := c.SetMulticastInterface(p.Interface); err != nil {
		return err
	}
	if err := c.SetMulticastTTL(p.cfg.Hops); err != nil {
		return err
	}
	if err := c.SetMulticastLoopback(p.cfg.Loop); err != nil {
		return err
	}
	tos := p.cfg.TOS
	if tos == 0 {
		tos = expedited
	}
	_ = c.SetTOS(tos) // not every system lets every process
	if b, ok := l.PacketConn.(interface{ SetWriteBuffer(int) error }); ok && p.cfg.SndBuf > 0 {
		_ = b.SetWriteBuffer(p.cfg.SndBuf)
	}
	return nil
}

// ask opens a socket that a receiver's NAKs are sent from.
func (p *place) ask() (*packetConn, error) { return p.open(p.addr, 0) }

// send sends a packet to an address. A packet that the system does not take is lost
// as others are on their way, and repaired as they are.
func (l *packetConn) send(to netip.Addr, p []byte) {
	if l.udp != nil {
		_, _ = l.udp.WriteToUDPAddrPort(p, netip.AddrPortFrom(to, l.port))
		return
	}
	_, _ = l.WriteTo(p, &net.IPAddr{IP: to.AsSlice()})
}

// receive reads a packet into b. Raw IP has no ports.
func (l *packetConn) receive(b []byte) (n int, from netip.AddrPort, err error) {
	if l.udp != nil {
		n, from, err = l.udp.ReadFromUDPAddrPort(b)
		return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
	}
	n, a, err := l.ReadFrom(b)
	if ip, ok := a.(*net.IPAddr); ok {
		addr, _ := netip.AddrFromSlice(ip.IP)
		from = netip.AddrPortFrom(addr.Unmap(), 0)
	}
	return n, from, err
}

// guard has the sources of a group share the queue of its socket.
func (l *packetConn) guard(report gate.Report) *gate.Guard {
	if c, ok := l.PacketConn.(gate.Conn); ok {
		return gate.NewGuard(c, report)
	}
	return nil
}
