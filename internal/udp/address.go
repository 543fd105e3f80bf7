package udp

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// local is the address to bind for a wildcard, an address, an interface or a name.
func (c *Config) local(host string) (string, error) {
	if host == endpoint.Wildcard {
		return "", nil
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host, nil
	}
	ifi, err := net.InterfaceByName(host)
	if err != nil {
		return host, nil // a name: package net resolves it
	}
	addrs, err := ifi.Addrs()
	if err != nil {
		return "", fmt.Errorf("interface %s: %w", host, err)
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			return p.Addr().String(), nil
		}
	}
	return "", fmt.Errorf("interface %s has no IPv4 address", host)
}

// interfaceOf is the interface that the part before the semicolon names, by its name
// or by an address that it has; nil leaves it to the system.
func interfaceOf(src endpoint.Source) (*net.Interface, error) {
	if src.Host == "" || src.Host == endpoint.Wildcard {
		return nil, nil
	}
	ip, err := netip.ParseAddr(src.Host)
	if err != nil {
		return net.InterfaceByName(src.Host)
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for i := range all {
		addrs, err := all[i].Addrs()
		if err != nil {
			continue // it is just going away
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr() == ip.WithZone("") {
				return &all[i], nil
			}
		}
	}
	return nil, fmt.Errorf("no interface has the address %s", ip)
}

// bound is the real form of a bound endpoint.
func bound(ep endpoint.Endpoint, conn *net.UDPConn) string {
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	ep.Port = strconv.Itoa(int(at.Port()))
	if group, err := netip.ParseAddr(ep.Host); err != nil || !group.IsMulticast() {
		ep.Host = at.Addr().Unmap().String()
	}
	return ep.String()
}

// resolve looks the receiver up.
func resolve(ctx context.Context, ep endpoint.Endpoint, v6 bool) (netip.AddrPort, error) {
	port, err := strconv.ParseUint(ep.Port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if ip, err := netip.ParseAddr(ep.Host); err == nil {
		return netip.AddrPortFrom(ip, uint16(port)), nil
	}
	family := "ip4"
	if v6 {
		family = "ip"
	}
	all, err := net.DefaultResolver.LookupNetIP(ctx, family, ep.Host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(all[0].Unmap(), uint16(port)), nil
}
