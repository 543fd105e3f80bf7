package beacon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// An mdnsSocket speaks multicast DNS of one address family on all interfaces. One on
// port 5353 hears the groups; one on a port of its own hears the answers that come to
// it alone.
type mdnsSocket struct {
	ear     // joins groups
	oneShot bool
}

// arrived is what is known of a datagram beside its bytes.
type arrived struct {
	index     int // of the interface, 0 where the system does not say
	multicast bool
	from      netip.AddrPort
}

// openMDNS opens the sockets of the families that the host has. A port of 0 makes
// one-shot sockets.
func openMDNS(port int) ([]*mdnsSocket, error) {
	var list []*mdnsSocket
	var errs []error
	for _, six := range []bool{false, true} {
		s, err := openMDNSSocket(port, six)
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

func openMDNSSocket(port int, six bool) (*mdnsSocket, error) {
	family := "udp4"
	if six {
		family = "udp6"
	}
	lc := net.ListenConfig{}
	if port != 0 {
		lc.Control = sharePort
	}
	pc, err := lc.ListenPacket(context.Background(), family, fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, fmt.Errorf("mdns port: %w", err)
	}
	s := &mdnsSocket{ear: ear{conn: pc.(*net.UDPConn)}, oneShot: port == 0}
	if err := s.configure(pc, six); err != nil {
		pc.Close()
		return nil, fmt.Errorf("mdns socket: %w", err)
	}
	return s, nil
}

// configure lets our packets reach this host too, with the TTL by which others may
// know that they come from their own link.
//
// https://www.rfc-editor.org/rfc/rfc6762#section-11: "All Multicast DNS responses
// (including responses sent via unicast) SHOULD be sent with IP TTL set to 255."
func (s *mdnsSocket) configure(pc net.PacketConn, six bool) error {
	if six {
		s.p6 = ipv6.NewPacketConn(pc)
		_ = s.p6.SetControlMessage(ipv6.FlagInterface|ipv6.FlagDst, true)
		s.oob = ipv6.NewControlMessage(ipv6.FlagInterface | ipv6.FlagDst)
		return errors.Join(s.p6.SetMulticastHopLimit(255), s.p6.SetHopLimit(255), s.p6.SetMulticastLoopback(true))
	}
	s.p4 = ipv4.NewPacketConn(pc)
	_ = s.p4.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true)
	s.oob = ipv4.NewControlMessage(ipv4.FlagInterface | ipv4.FlagDst)
	return errors.Join(s.p4.SetMulticastTTL(255), s.p4.SetTTL(255), s.p4.SetMulticastLoopback(true))
}

func (s *mdnsSocket) is6() bool { return s.p6 != nil }

// receive waits for a datagram. One that does not fit fills buf.
func (s *mdnsSocket) receive(buf []byte) (int, arrived, error) {
	n, oobn, _, from, err := s.conn.ReadMsgUDPAddrPort(buf, s.oob)
	if tooLong(err) {
		return len(buf), arrived{}, nil
	}
	if err != nil {
		return 0, arrived{}, err
	}
	a := arrived{from: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
	a.index, a.multicast = s.control(s.oob[:oobn])
	return n, a, nil
}

func (s *mdnsSocket) control(oob []byte) (index int, multicast bool) {
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
func (s *mdnsSocket) multicast(t target, b []byte, port int) error {
	nic := &net.Interface{Index: t.index, Name: t.nic}
	var oob []byte
	dest := netip.AddrPortFrom(t.dest, uint16(port))
	if s.is6() {
		if err := s.p6.SetMulticastInterface(nic); err != nil {
			return err
		}
		dest = netip.AddrPortFrom(t.dest.WithZone(t.nic), uint16(port))
	} else {
		if err := s.p4.SetMulticastInterface(nic); err != nil {
			return err
		}
		oob = (&ipv4.ControlMessage{IfIndex: t.index, Src: t.source.AsSlice()}).Marshal()
	}
	return s.write(b, oob, dest)
}

func (s *mdnsSocket) write(b, oob []byte, to netip.AddrPort) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return err
	}
	_, _, err := s.conn.WriteMsgUDPAddrPort(b, oob, to)
	return err
}
