package beacon

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
)

// A nic is what the choice of interfaces needs to know about one.
type nic struct {
	net.Interface
	prefixes []netip.Prefix // its addresses, each with the length of its network
}

func (n nic) has(f net.Flags) bool { return n.Flags&f != 0 }

// A spec is one argument of WithInterface: exactly one field is set.
type spec struct {
	name   string
	addr   netip.Addr
	prefix netip.Prefix
}

func parseSpec(text string) (spec, error) {
	if text == "" {
		return spec{}, invalid("interface %q: must be a name, an address or a prefix", text)
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return spec{prefix: p.Masked()}, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return spec{addr: a.Unmap()}, nil
	}
	return spec{name: text}, nil
}

// matches says whether the spec means the interface's address a.
func (s spec) matches(n nic, a netip.Addr) bool {
	switch {
	case s.name != "":
		return s.name == n.Name
	case s.addr.IsValid():
		zone := s.addr.Zone()
		return s.addr.WithZone("") == a && (zone == "" || zone == n.Name)
	default:
		return s.prefix.Contains(a)
	}
}

// A choice says which addresses of which interfaces a beacon uses.
type choice struct {
	specs    []spec
	loopback bool
	source   netip.Addr // in place of the loopback's own address, when valid
	keep     func(net.Interface) bool
}

// usable returns the addresses of n that may be used; none means that the
// interface is left alone.
func (c choice) usable(n nic) []netip.Prefix {
	if !n.has(net.FlagUp) || c.keep != nil && !c.keep(n.Interface) {
		return nil
	}
	var chosen []netip.Prefix
	for _, p := range n.prefixes {
		if c.wants(n, p.Addr()) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func (c choice) wants(n nic, a netip.Addr) bool {
	if c.loopback && n.has(net.FlagLoopback) && a.IsLoopback() {
		return true
	}
	if len(c.specs) > 0 {
		return slices.ContainsFunc(c.specs, func(s spec) bool { return s.matches(n, a) })
	}
	return !c.loopback && !n.has(net.FlagLoopback|net.FlagPointToPoint)
}

// A cast is one way to reach everybody on an interface: the group, or, where
// that is the zero address, IPv4 broadcast.
type cast struct {
	group netip.Addr
	ttl   int
}

// A target is one address that beacons are sent to, and from where. Two equal
// targets need one socket.
type target struct {
	nic    string
	index  int
	source netip.Addr
	dest   netip.Addr
	ttl    int
}

// targets lists where a beacon goes, in the order of the interfaces. An
// interface with several addresses in one network gets one target, from the
// first of them.
func (c choice) targets(nics []nic, casts []cast) []target {
	var list []target
	for _, n := range nics {
		usable := c.usable(n)
		for _, way := range casts {
			for _, t := range c.reach(n, usable, way) {
				if !slices.ContainsFunc(list, func(o target) bool { return o.index == t.index && o.dest == t.dest }) {
					list = append(list, t)
				}
			}
		}
	}
	return list
}

// reach lists the targets of one way on one interface.
func (c choice) reach(n nic, usable []netip.Prefix, way cast) []target {
	switch {
	case !way.group.IsValid():
		return c.broadcasts(n, usable)
	case !n.has(net.FlagMulticast | net.FlagLoopback):
		return nil
	}
	source, ok := sourceFor(way.group, usable)
	if !ok {
		return nil
	}
	return []target{{n.Name, n.Index, c.from(source), way.group, way.ttl}}
}

func (c choice) broadcasts(n nic, usable []netip.Prefix) []target {
	if !n.has(net.FlagBroadcast | net.FlagLoopback) {
		return nil
	}
	var list []target
	for _, p := range usable {
		if dest, ok := broadcastOf(p); ok {
			list = append(list, target{nic: n.Name, index: n.Index, source: c.from(p.Addr()), dest: dest})
		}
	}
	return list
}

// from puts the address of WithLoopbackAddr in the place of a loopback address.
func (c choice) from(a netip.Addr) netip.Addr {
	if c.source.IsValid() && a.Is4() && a.IsLoopback() {
		return c.source
	}
	return a
}

// sourceFor picks the address to send to a group from: the first of its family,
// but for IPv6 one whose reach fits the group's, since a link-local group is
// answered at a link-local address (ff01 and ff02), and a wider one is not.
func sourceFor(group netip.Addr, usable []netip.Prefix) (netip.Addr, bool) {
	var first netip.Addr
	local := group.IsLinkLocalMulticast() || group.IsInterfaceLocalMulticast()
	for _, p := range usable {
		a := p.Addr()
		if a.Is4() != group.Is4() {
			continue
		}
		if a.Is4() || a.IsLinkLocalUnicast() == local {
			return a, true
		}
		if !first.IsValid() {
			first = a
		}
	}
	return first, first.IsValid()
}

// broadcastOf computes the last address of an IPv4 network. Networks of one or
// two addresses (/32, /31) have none.
func broadcastOf(p netip.Prefix) (netip.Addr, bool) {
	if !p.Addr().Is4() || p.Bits() < 0 || p.Bits() > 30 {
		return netip.Addr{}, false
	}
	b := p.Addr().As4()
	host := ^uint32(0) >> p.Bits()
	binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])|host)
	return netip.AddrFrom4(b), true
}

// systemNICs reads the host's interfaces. One whose addresses can't be read, as
// happens when it is just being pulled, is left out.
func systemNICs() ([]nic, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	nics := make([]nic, 0, len(all))
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		nics = append(nics, nic{Interface: i, prefixes: prefixesOf(addrs)})
	}
	return nics, nil
}

func prefixesOf(addrs []net.Addr) []netip.Prefix {
	var list []netip.Prefix
	for _, a := range addrs {
		ipnet, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		addr, ok := netip.AddrFromSlice(ipnet.IP)
		if !ok {
			continue
		}
		ones, _ := ipnet.Mask.Size()
		list = append(list, netip.PrefixFrom(addr.Unmap(), ones))
	}
	return list
}
