package beacon

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

// A link is the socket that sends to one target.
type link struct {
	lan.Target
	conn   *net.UDPConn
	dest   netip.AddrPort
	oob    []byte // names the interface, so that no route is needed
	failed bool   // the last send did not work; opened anew at the next rescan
}

// openLink binds a socket to the target's source address and a port of its own:
// the port tells our echo from a neighbour's beacon, and keeps answers to the
// beacon port out of a socket that is never read.
func openLink(t lan.Target, port int) (*link, error) {
	zone := ""
	if t.Source.IsLinkLocalUnicast() && t.Source.Is6() {
		zone = t.NIC
	}
	source := netip.AddrPortFrom(t.Source.WithZone(zone), 0)
	conn, err := net.ListenUDP(familyOf(t.Dest), net.UDPAddrFromAddrPort(source))
	if err != nil {
		return nil, fmt.Errorf("open %v on %s: %w", t.Source, t.NIC, err)
	}
	l := &link{Target: t, conn: conn, dest: netip.AddrPortFrom(t.Dest, uint16(port))}
	if err := l.configure(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("configure %v on %s: %w", t.Source, t.NIC, err)
	}
	return l, nil
}

func (l *link) configure() error {
	_ = l.conn.SetReadBuffer(1) // it is never read; the system rounds up to its minimum
	if l.Target.Dest.Is6() {
		l.dest = netip.AddrPortFrom(l.Target.Dest.WithZone(l.NIC), l.dest.Port())
		return l.configure6()
	}
	// Linux takes the source from here too: left out, it would be the route's.
	l.oob = (&ipv4.ControlMessage{IfIndex: l.Index, Src: l.Source.AsSlice()}).Marshal()
	if !l.Target.Dest.IsMulticast() {
		return nil
	}
	p := ipv4.NewPacketConn(l.conn)
	if err := p.SetMulticastInterface(&net.Interface{Index: l.Index, Name: l.NIC}); err != nil {
		return err
	}
	if err := p.SetMulticastTTL(l.TTL); err != nil {
		return err
	}
	return p.SetMulticastLoopback(true) // other beacons of this host are peers too
}

func (l *link) configure6() error {
	p := ipv6.NewPacketConn(l.conn)
	if err := p.SetMulticastInterface(&net.Interface{Index: l.Index, Name: l.NIC}); err != nil {
		return err
	}
	if err := p.SetMulticastHopLimit(l.TTL); err != nil {
		return err
	}
	return p.SetMulticastLoopback(true)
}

func (l *link) send(data []byte) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(lan.SendTimeout)); err != nil {
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
