package mdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

// A socket speaks multicast DNS of one address family on all interfaces. One on
// port 5353 hears the groups; one on a port of its own hears the answers that come to
// it alone.
type socket struct {
	lan.Listener // joins groups
	oneShot      bool
}

// arrived is what is known of a datagram beside its bytes.
type arrived struct {
	index     int // of the interface, 0 where the system does not say
	multicast bool
	from      netip.AddrPort
}

// openSockets opens the sockets of the families that the host has. A port of 0 makes
// one-shot sockets.
func openSockets(port int) ([]*socket, error) {
	var list []*socket
	var errs []error
	for _, six := range []bool{false, true} {
		s, err := openSocket(port, six)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil, errors.Join(errs...)
	}
	return list, nil
}

func openSocket(port int, six bool) (*socket, error) {
	family := "udp4"
	if six {
		family = "udp6"
	}
	lc := net.ListenConfig{}
	if port != 0 {
		lc.Control = lan.SharePort
	}
	pc, err := lc.ListenPacket(context.Background(), family, fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, fmt.Errorf("port: %w", err)
	}
	s := &socket{Listener: lan.Listener{Conn: pc.(*net.UDPConn)}, oneShot: port == 0}
	if err := s.configure(pc, six); err != nil {
		pc.Close()
		return nil, fmt.Errorf("socket: %w", err)
	}
	return s, nil
}

// configure lets our packets reach this host too, with the TTL by which others may
// know that they come from their own link.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-11: "All Multicast DNS responses
// (including responses sent via unicast) SHOULD be sent with IP TTL set to 255."
func (s *socket) configure(pc net.PacketConn, six bool) error {
	if six {
		s.P6 = ipv6.NewPacketConn(pc)
		_ = s.P6.SetControlMessage(ipv6.FlagInterface|ipv6.FlagDst, true)
		s.OOB = ipv6.NewControlMessage(ipv6.FlagInterface | ipv6.FlagDst)
		return errors.Join(s.P6.SetMulticastHopLimit(255), s.P6.SetHopLimit(255), s.P6.SetMulticastLoopback(true))
	}
	s.P4 = ipv4.NewPacketConn(pc)
	_ = s.P4.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true)
	s.OOB = ipv4.NewControlMessage(ipv4.FlagInterface | ipv4.FlagDst)
	return errors.Join(s.P4.SetMulticastTTL(255), s.P4.SetTTL(255), s.P4.SetMulticastLoopback(true))
}

func (s *socket) is6() bool { return s.P6 != nil }

// receive waits for a datagram. One that does not fit fills buf.
func (s *socket) receive(buf []byte) (int, arrived, error) {
	n, oobn, _, from, err := s.Conn.ReadMsgUDPAddrPort(buf, s.OOB)
	if lan.TooLong(err) {
		return len(buf), arrived{}, nil
	}
	if err != nil {
		return 0, arrived{}, err
	}
	a := arrived{from: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
	a.index, a.multicast = s.control(s.OOB[:oobn])
	return n, a, nil
}

func (s *socket) control(oob []byte) (index int, multicast bool) {
	if s.is6() {
		var cm ipv6.ControlMessage
		if cm.Parse(oob) != nil {
			return 0, false
		}
		return cm.IfIndex, cm.Dst.IsMulticast()
	}
	var cm ipv4.ControlMessage
	if cm.Parse(oob) != nil {
		return 0, false
	}
	return cm.IfIndex, cm.Dst.IsMulticast()
}

// multicast sends to the group of the target, on its interface. Only one goroutine
// sends.
func (s *socket) multicast(t lan.Target, b []byte, port int) error {
	nic := &net.Interface{Index: t.Index, Name: t.NIC}
	var oob []byte
	dest := netip.AddrPortFrom(t.Dest, uint16(port))
	if s.is6() {
		if err := s.P6.SetMulticastInterface(nic); err != nil {
			return err
		}
		dest = netip.AddrPortFrom(t.Dest.WithZone(t.NIC), uint16(port))
	} else {
		if err := s.P4.SetMulticastInterface(nic); err != nil {
			return err
		}
		oob = (&ipv4.ControlMessage{IfIndex: t.Index, Src: t.Source.AsSlice()}).Marshal()
	}
	return s.write(b, oob, dest)
}

func (s *socket) write(b, oob []byte, to netip.AddrPort) error {
	if err := s.Conn.SetWriteDeadline(time.Now().Add(lan.SendTimeout)); err != nil {
		return err
	}
	_, _, err := s.Conn.WriteMsgUDPAddrPort(b, oob, to)
	return err
}
