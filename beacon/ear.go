package beacon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// An ear is the socket that hears everything that one address family brings to
// the beacon port: broadcast, multicast and unicast.
type ear struct {
	conn *net.UDPConn
	p4   *ipv4.PacketConn // exactly one of p4 and p6 is set
	p6   *ipv6.PacketConn
	oob  []byte // for read, which one goroutine calls
}

// ears are the sockets of a beacon; a family that no target needs has none.
type ears struct{ v4, v6 *ear }

// openEars opens what the casts need. A host without IPv6 can still be reached
// by IPv4, and the other way round, so it fails only when nothing could be
// opened.
func openEars(port int, casts []cast) (ears, error) {
	var e ears
	var errs []error
	for _, way := range casts {
		slot := &e.v4
		if way.group.Is6() {
			slot = &e.v6
		}
		if *slot != nil {
			continue
		}
		one, err := openEar(port, way.group.Is6())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		*slot = one
	}
	if e.v4 == nil && e.v6 == nil {
		return e, errors.Join(errs...)
	}
	return e, nil
}

// openEar shares the port with every other beacon of the host, whoever wrote it.
func openEar(port int, six bool) (*ear, error) {
	family := "udp4"
	if six {
		family = "udp6"
	}
	lc := net.ListenConfig{Control: sharePort}
	pc, err := lc.ListenPacket(context.Background(), family, fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, fmt.Errorf("beacon port: %w", err)
	}
	e := &ear{conn: pc.(*net.UDPConn)}
	// Where the system can't tell the interface (Windows), arrival goes by the
	// sender's network.
	if six {
		e.p6 = ipv6.NewPacketConn(pc)
		_ = e.p6.SetControlMessage(ipv6.FlagInterface, true)
		e.oob = ipv6.NewControlMessage(ipv6.FlagInterface)
		return e, nil
	}
	e.p4 = ipv4.NewPacketConn(pc)
	_ = e.p4.SetControlMessage(ipv4.FlagInterface, true)
	e.oob = ipv4.NewControlMessage(ipv4.FlagInterface)
	return e, nil
}

// read waits for a datagram and puts it into buf. One that does not fit fills
// buf, so buf has to be a byte longer than what is allowed.
func (e *ear) read(buf []byte) (n, index int, from netip.AddrPort, err error) {
	n, oobn, _, from, err := e.conn.ReadMsgUDPAddrPort(buf, e.oob)
	if tooLong(err) {
		return len(buf), 0, from, nil
	}
	if err != nil {
		return 0, 0, from, err
	}
	return n, e.index(e.oob[:oobn]), netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), nil
}

func (e *ear) index(oob []byte) int {
	if e.p6 != nil {
		var cm ipv6.ControlMessage
		if cm.Parse(oob) != nil {
			return 0
		}
		return cm.IfIndex
	}
	var cm ipv4.ControlMessage
	if cm.Parse(oob) != nil {
		return 0
	}
	return cm.IfIndex
}

func (e *ear) join(m membership) error {
	return e.group(m, (*ipv4.PacketConn).JoinGroup, (*ipv6.PacketConn).JoinGroup, "join")
}

func (e *ear) leave(m membership) error {
	return e.group(m, (*ipv4.PacketConn).LeaveGroup, (*ipv6.PacketConn).LeaveGroup, "leave")
}

func (e *ear) group(m membership,
	do4 func(*ipv4.PacketConn, *net.Interface, net.Addr) error,
	do6 func(*ipv6.PacketConn, *net.Interface, net.Addr) error,
	verb string,
) error {
	if e == nil {
		return fmt.Errorf("%s %v: no socket of its family", verb, m.group)
	}
	addr := &net.UDPAddr{IP: m.group.AsSlice()}
	ifi, err := net.InterfaceByIndex(m.index)
	if err != nil {
		return fmt.Errorf("%s %v: %w", verb, m.group, err)
	}
	if e.p6 != nil {
		err = do6(e.p6, ifi, addr)
	} else {
		err = do4(e.p4, ifi, addr)
	}
	if err != nil {
		return fmt.Errorf("%s %v on %s: %w", verb, m.group, ifi.Name, err)
	}
	return nil
}

func (e ears) of(a netip.Addr) *ear {
	if a.Is6() {
		return e.v6
	}
	return e.v4
}

func (e ears) all() []*ear {
	var list []*ear
	for _, one := range []*ear{e.v4, e.v6} {
		if one != nil {
			list = append(list, one)
		}
	}
	return list
}
