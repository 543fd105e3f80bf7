package transport

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// localHost is the network and the host to listen on.
func localHost(host string, o Options) (network, address string, err error) {
	if host == endpoint.Wildcard {
		if o.IPv6 {
			return "tcp", "", nil // both families with one socket
		}
		return "tcp4", "0.0.0.0", nil
	}
	if network, ip, err := literalOrInterface(host, o.IPv6, o); err != nil || ip.IsValid() {
		return network, ip.String(), err
	}
	return family(o), host, nil
}

// origin is where a connection may come from: a network, and an address that is nil
// where the system chooses.
type origin struct {
	network string
	addr    *net.TCPAddr
}

// localAddrs are the origins that src names, in the order in which to try them for a
// destination. An interface has one for each family: that of the destination decides,
// which is known at once where it is written as an address.
func localAddrs(src endpoint.Source, destination string, o Options) ([]origin, error) {
	if src == (endpoint.Source{}) {
		return []origin{{network: family(o)}}, nil
	}
	port, err := strconv.ParseUint("0"+localPort(src.Port), 10, 16)
	if err != nil {
		return nil, err
	}
	if src.Host == endpoint.Wildcard {
		return []origin{{family(o), &net.TCPAddr{Port: int(port)}}}, nil
	}
	var list []origin
	for _, v6 := range families(destination, o) {
		network, ip, lookupErr := literalOrInterface(src.Host, v6, o)
		switch {
		case lookupErr != nil:
			err = lookupErr
		case !ip.IsValid():
			err = fmt.Errorf("%q is neither an address nor an interface", src.Host)
		case len(list) == 0 || list[0].network != network:
			list = append(list, origin{network, net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port)))})
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	return nil, err
}

// families says for which families to look for a source, IPv6 as true.
func families(destination string, o Options) []bool {
	switch ip, err := netip.ParseAddr(destination); {
	case !o.IPv6:
		return []bool{false}
	case err != nil: // a name may have both
		return []bool{true, false}
	default:
		return []bool{!ip.Unmap().Is4()}
	}
}

// localPort spells an ephemeral port as package net does.
func localPort(port string) string {
	if port == endpoint.Wildcard {
		return "0"
	}
	return port
}

// family is the network for names and wildcards.
func family(o Options) string {
	if o.IPv6 {
		return "tcp"
	}
	return "tcp4"
}

// literalOrInterface gives the address that host spells or that the interface
// of this name has, one of IPv6 if v6 asks for it. An invalid address and no error mean
// that host is neither.
func literalOrInterface(host string, v6 bool, o Options) (network string, ip netip.Addr, err error) {
	if ip, err = netip.ParseAddr(host); err != nil {
		ip, err = interfaceAddr(host, v6)
	}
	switch {
	case err != nil || !ip.IsValid():
		return "", netip.Addr{}, err
	case ip.Is4():
		return "tcp4", ip, nil
	case !o.IPv6:
		return "", netip.Addr{}, ErrIPv6Off
	case ip.IsUnspecified():
		return "tcp", ip, nil // [::] is both families, as the wildcard is
	}
	return "tcp6", ip, nil
}

// interfaceAddr is the first IPv4 address of the named interface, or the first
// IPv6 address if that is asked for and there is one. It is invalid when there
// is no such interface.
func interfaceAddr(name string, v6 bool) (netip.Addr, error) {
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return netip.Addr{}, nil
	}
	addrs, err := ifi.Addrs()
	if err != nil {
		return netip.Addr{}, fmt.Errorf("interface %s: %w", name, err)
	}
	var first4, first6 netip.Addr
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		switch ip := p.Addr(); {
		case err != nil:
		case ip.Is4() && !first4.IsValid():
			first4 = ip
		case ip.Is6() && !first6.IsValid():
			first6 = zoned(ip, name)
		}
	}
	if v6 && first6.IsValid() {
		return first6, nil
	}
	if !first4.IsValid() {
		return netip.Addr{}, fmt.Errorf("interface %s has no address of this family", name)
	}
	return first4, nil
}

// zoned adds the interface to an address that means nothing without it.
func zoned(ip netip.Addr, name string) netip.Addr {
	if ip.IsLinkLocalUnicast() {
		return ip.WithZone(name)
	}
	return ip
}
