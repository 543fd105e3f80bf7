package pgm

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// nic is the interface that an endpoint uses, and the address that it has there.
type nic struct {
	*net.Interface
	addr netip.Addr
}

// findNIC finds the interface of an endpoint: by its name, by an address of its, or,
// when the endpoint names none, the one that the route to the group leads through.
func findNIC(ep endpoint.Endpoint, group netip.Addr) (nic, error) {
	name := ep.Source.Host
	if name == "" {
		return routed(group)
	}
	addr, err := netip.ParseAddr(name)
	if err == nil {
		return withAddr(addr.Unmap())
	}
	ifi, err := net.InterfaceByName(name)
	if err != nil {
		return nic{}, fmt.Errorf("%w: %q: %v", ErrInterface, name, err)
	}
	for _, a := range addrsOf(ifi) {
		if a.Is4() {
			return nic{ifi, a}, nil
		}
	}
	return nic{}, fmt.Errorf("%w: %q has no IPv4 address", ErrInterface, name)
}

// routed asks the system which way packets to the group would go. Nothing is sent.
func routed(group netip.Addr) (nic, error) {
	const discard = 9
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(group, discard)))
	if err != nil {
		return nic{}, fmt.Errorf("%w: no route to %v, and the endpoint names no interface: %v", ErrInterface, group, err)
	}
	defer c.Close()
	return withAddr(c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap())
}

func withAddr(addr netip.Addr) (nic, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nic{}, fmt.Errorf("%w: %v", ErrInterface, err)
	}
	for i := range all {
		for _, a := range addrsOf(&all[i]) {
			if a == addr {
				return nic{&all[i], a}, nil
			}
		}
	}
	return nic{}, fmt.Errorf("%w: none has the address %v", ErrInterface, addr)
}

func addrsOf(ifi *net.Interface) (all []netip.Addr) {
	list, _ := ifi.Addrs() // one that is gone has none
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			all = append(all, p.Addr().Unmap())
		}
	}
	return all
}
