package beacon

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// sendTimeout bounds how long one interface with a full queue can hold up the
// others.
const sendTimeout = 100 * time.Millisecond

// A link is the socket that sends to one target.
type link struct {
	target
	conn   *net.UDPConn
	dest   netip.AddrPort
	oob    []byte // names the interface, so that no route is needed
	failed bool   // the last send did not work; opened anew at the next rescan
}

// openLink binds a socket to the target's source address and a port of its own:
// the port tells our echo from a neighbour's beacon, and keeps answers to the
// beacon port out of a socket that is never read.
func openLink(t target, port int) (*link, error) {
	zone := ""
	if t.source.IsLinkLocalUnicast() && t.source.Is6() {
		zone = t.nic
	}
	source := netip.AddrPortFrom(t.source.WithZone(zone), 0)
	conn, err := net.ListenUDP(familyOf(t.dest), net.UDPAddrFromAddrPort(source))
	if err != nil {
		return nil, fmt.Errorf("open %v on %s: %w", t.source, t.nic, err)
	}
	l := &link{target: t, conn: conn, dest: netip.AddrPortFrom(t.dest, uint16(port))}
	if err := l.configure(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("configure %v on %s: %w", t.source, t.nic, err)
	}
	return l, nil
}

func (l *link) configure() error {
	_ = l.conn.SetReadBuffer(1) // nobody reads it; the system rounds up to its minimum
	if l.target.dest.Is6() {
		l.dest = netip.AddrPortFrom(l.target.dest.WithZone(l.nic), l.dest.Port())
		return l.configure6()
	}
	// Linux takes the source from here too: left out, it would be the route's.
	l.oob = (&ipv4.ControlMessage{IfIndex: l.index, Src: l.source.AsSlice()}).Marshal()
	if !l.target.dest.IsMulticast() {
		return nil
	}
	p := ipv4.NewPacketConn(l.conn)
	if err := p.SetMulticastInterface(&net.Interface{Index: l.index, Name: l.nic}); err != nil {
		return err
	}
	if err := p.SetMulticastTTL(l.ttl); err != nil {
		return err
	}
	return p.SetMulticastLoopback(true) // other beacons of this host are peers too
}

func (l *link) configure6() error {
	p := ipv6.NewPacketConn(l.conn)
	if err := p.SetMulticastInterface(&net.Interface{Index: l.index, Name: l.nic}); err != nil {
		return err
	}
	if err := p.SetMulticastHopLimit(l.ttl); err != nil {
		return err
	}
	return p.SetMulticastLoopback(true)
}

func (l *link) send(data []byte) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return err
	}
	_, _, err := l.conn.WriteMsgUDPAddrPort(data, l.oob, l.dest)
	return err
}

// local is the address that the link's datagrams come from.
func (l *link) local() netip.AddrPort {
	return l.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func familyOf(a netip.Addr) string {
	if a.Is6() {
		return "udp6"
	}
	return "udp4"
}
