package lan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// A Listener is the socket that hears everything that one address family brings to
// the beacon port: broadcast, multicast and unicast.
type Listener struct {
	Conn *net.UDPConn
	P4   *ipv4.PacketConn // exactly one of P4 and P6 is set
	P6   *ipv6.PacketConn
	OOB  []byte // as long as what the system says beside a datagram; for who reads one by one
}

// Listeners are the sockets of a beacon; a family that no target needs has none.
type Listeners struct{ V4, V6 *Listener }

// Listen opens what the casts need. A host without IPv6 can still be reached
// by IPv4, and the other way round, so it fails only when nothing could be
// opened.
func Listen(port int, casts []Cast) (Listeners, error) {
	var l Listeners
	var errs []error
	for _, way := range casts {
		slot := &l.V4
		if way.Group.Is6() {
			slot = &l.V6
		}
		if *slot != nil {
			continue
		}
		one, err := ListenOne(port, way.Group.Is6())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		*slot = one
	}
	if l.V4 == nil && l.V6 == nil {
		return l, errors.Join(errs...)
	}
	return l, nil
}

// ListenOne shares the port with every other beacon of the host, whoever wrote it.
func ListenOne(port int, six bool) (*Listener, error) {
	family := "udp4"
	if six {
		family = "udp6"
	}
	lc := net.ListenConfig{Control: SharePort}
	pc, err := lc.ListenPacket(context.Background(), family, fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, fmt.Errorf("beacon port: %w", err)
	}
	l := &Listener{Conn: pc.(*net.UDPConn)}
	_ = l.Conn.SetReadBuffer(readBuffer) // systems give what their administrators allow
	// Where the system can't tell the interface (Windows), arrival goes by the
	// sender's network.
	if six {
		l.P6 = ipv6.NewPacketConn(pc)
		_ = l.P6.SetControlMessage(ipv6.FlagInterface, true)
		l.OOB = ipv6.NewControlMessage(ipv6.FlagInterface)
		return l, nil
	}
	l.P4 = ipv4.NewPacketConn(pc)
	_ = l.P4.SetControlMessage(ipv4.FlagInterface, true)
	l.OOB = ipv4.NewControlMessage(ipv4.FlagInterface)
	return l, nil
}

// readBuffer is how many bytes the system is asked to keep of what comes faster than it is
// read. It holds some hundred datagrams else, which in a flood is a millisecond or two:
// whenever this process has to wait longer than that for a processor, what others have sent
// is lost with the flood.
const readBuffer = 2 << 20

func (l *Listener) index(oob []byte) int {
	if l.P6 != nil {
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

// Join joins a group.
func (l *Listener) Join(m Membership) error {
	return l.group(m, (*ipv4.PacketConn).JoinGroup, (*ipv6.PacketConn).JoinGroup, "join")
}

// Leave leaves a group.
func (l *Listener) Leave(m Membership) error {
	return l.group(m, (*ipv4.PacketConn).LeaveGroup, (*ipv6.PacketConn).LeaveGroup, "leave")
}

func (l *Listener) group(m Membership,
	do4 func(*ipv4.PacketConn, *net.Interface, net.Addr) error,
	do6 func(*ipv6.PacketConn, *net.Interface, net.Addr) error,
	verb string,
) error {
	if l == nil {
		return fmt.Errorf("%s %v: no socket of its family", verb, m.Group)
	}
	addr := &net.UDPAddr{IP: m.Group.AsSlice()}
	ifi, err := net.InterfaceByIndex(m.Index)
	if err != nil {
		return fmt.Errorf("%s %v: %w", verb, m.Group, err)
	}
	if l.P6 != nil {
		err = do6(l.P6, ifi, addr)
	} else {
		err = do4(l.P4, ifi, addr)
	}
	if err != nil {
		return fmt.Errorf("%s %v on %s: %w", verb, m.Group, ifi.Name, err)
	}
	return nil
}

// Of returns the socket of an address's family.
func (l Listeners) Of(a netip.Addr) *Listener {
	if a.Is6() {
		return l.V6
	}
	return l.V4
}

// All returns the sockets that there are.
func (l Listeners) All() []*Listener {
	var list []*Listener
	for _, one := range []*Listener{l.V4, l.V6} {
		if one != nil {
			list = append(list, one)
		}
	}
	return list
}

// PortHint says what to do about a port that can't be had, "" about other errors.
func PortHint(err error, port int) string {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return ""
	}
	return fmt.Sprintf(": another program has UDP port %d for itself alone: end it, or let all peers use another port (WithPort)", port)
}
