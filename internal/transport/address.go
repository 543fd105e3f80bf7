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
	if network, ip, err := literalOrInterface(host, o); err != nil || ip.IsValid() {
		return network, ip.String(), err
	}
	return family(o), host, nil
}

// localAddr is the network and address to connect from; nil leaves both to
// the system.
func localAddr(src endpoint.Source, o Options) (string, *net.TCPAddr, error) {
	if src == (endpoint.Source{}) {
		return family(o), nil, nil
	}
	port, err := strconv.ParseUint("0"+localPort(src.Port), 10, 16)
	if err != nil {
		return "", nil, err
	}
	if src.Host == endpoint.Wildcard {
		return family(o), &net.TCPAddr{Port: int(port)}, nil
	}
	network, ip, err := literalOrInterface(src.Host, o)
	if err == nil && !ip.IsValid() {
		err = fmt.Errorf("%q is neither an address nor an interface", src.Host)
	}
	return network, net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port))), err
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
// of this name has. An invalid address and no error mean that host is neither.
func literalOrInterface(host string, o Options) (network string, ip netip.Addr, err error) {
	if ip, err = netip.ParseAddr(host); err != nil {
		ip, err = interfaceAddr(host, o.IPv6)
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
