package lan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// A NIC is what the choice of interfaces needs to know about one.
type NIC struct {
	net.Interface
	Prefixes []netip.Prefix // its addresses, each with the length of its network
}

// Has reports whether the interface has a flag.
func (n NIC) Has(f net.Flags) bool { return n.Flags&f != 0 }

// A spec is one argument of WithInterface: exactly one field is set.
type spec struct {
	name   string
	addr   netip.Addr
	prefix netip.Prefix
}

// Add chooses interfaces besides those that were chosen before: by name, by address or
// by prefix.
func (c *Choice) Add(specs ...string) error {
	for _, text := range specs {
		if text == "" {
			return fmt.Errorf("interface %q: must be a name, an address or a prefix", text)
		}
		c.specs = append(c.specs, parseSpec(text))
	}
	return nil
}

// Narrow keeps the interfaces only that keep returns true for.
func (c *Choice) Narrow(keep func(net.Interface) bool) error {
	if keep == nil {
		return errors.New("nil interface filter")
	}
	c.Keep = keep
	return nil
}

// LoopbackAt chooses the loopback interface, with a sender's address of its own.
func (c *Choice) LoopbackAt(source netip.Addr) error {
	if !source.Is4() || !source.IsLoopback() {
		return fmt.Errorf("loopback address %v: must be in 127.0.0.0/8", source)
	}
	c.Loopback, c.Source = true, source
	return nil
}

func parseSpec(text string) spec {
	if p, err := netip.ParsePrefix(text); err == nil {
		return spec{prefix: p.Masked()}
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return spec{addr: a.Unmap()}
	}
	return spec{name: text}
}

// matches says whether the spec means the interface's address a.
func (s spec) matches(n NIC, a netip.Addr) bool {
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

// A Choice says which addresses of which interfaces a beacon uses.
type Choice struct {
	specs    []spec
	Loopback bool                     // the loopback interface too, and without specs nothing else
	Source   netip.Addr               // in place of the loopback's own address, when valid
	Keep     func(net.Interface) bool // narrows what is chosen, if not nil
}

// Usable returns the addresses of n that may be used; none means that the
// interface is left alone.
func (c Choice) Usable(n NIC) []netip.Prefix {
	if !n.Has(net.FlagUp) || c.Keep != nil && !c.Keep(n.Interface) {
		return nil
	}
	var chosen []netip.Prefix
	for _, p := range n.Prefixes {
		if c.wants(n, p.Addr()) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func (c Choice) wants(n NIC, a netip.Addr) bool {
	if c.Loopback && n.Has(net.FlagLoopback) && a.IsLoopback() {
		return true
	}
	if len(c.specs) > 0 {
		return slices.ContainsFunc(c.specs, func(s spec) bool { return s.matches(n, a) })
	}
	return !c.Loopback && !n.Has(net.FlagLoopback|net.FlagPointToPoint)
}

// A Cast is one way to reach every peer on an interface: the group, or, where
// that is the zero address, IPv4 broadcast.
type Cast struct {
	Group netip.Addr
	TTL   int
}

// A Target is one address that beacons are sent to, and from where. Two equal
// targets need one socket.
type Target struct {
	NIC    string // the interface's name
	Index  int
	Source netip.Addr
	Dest   netip.Addr
	TTL    int
}

// Targets lists where a beacon goes, in the order of the interfaces. An
// interface with several addresses in one network gets one target, from the
// first of them.
func (c Choice) Targets(nics []NIC, casts []Cast) []Target {
	var list []Target
	for _, n := range nics {
		usable := c.Usable(n)
		for _, way := range casts {
			for _, t := range c.reach(n, usable, way) {
				if !slices.ContainsFunc(list, func(o Target) bool { return o.Index == t.Index && o.Dest == t.Dest }) {
					list = append(list, t)
				}
			}
		}
	}
	return list
}

// reach lists the targets of one way on one interface.
func (c Choice) reach(n NIC, usable []netip.Prefix, way Cast) []Target {
	switch {
	case !way.Group.IsValid():
		return c.broadcasts(n, usable)
	case !n.Has(net.FlagMulticast | net.FlagLoopback):
		return nil
	}
	source, ok := sourceFor(way.Group, usable)
	if !ok {
		return nil
	}
	return []Target{{n.Name, n.Index, c.From(source), way.Group, way.TTL}}
}

func (c Choice) broadcasts(n NIC, usable []netip.Prefix) []Target {
	if !n.Has(net.FlagBroadcast | net.FlagLoopback) {
		return nil
	}
	var list []Target
	for _, p := range usable {
		if dest, ok := BroadcastOf(p); ok {
			list = append(list, Target{NIC: n.Name, Index: n.Index, Source: c.From(p.Addr()), Dest: dest})
		}
	}
	return list
}

// From puts the address of WithLoopbackAddr in the place of a loopback address.
func (c Choice) From(a netip.Addr) netip.Addr {
	if c.Source.IsValid() && a.Is4() && a.IsLoopback() {
		return c.Source
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

// BroadcastOf computes the last address of an IPv4 network. Networks of one or
// two addresses (/32, /31) have none.
func BroadcastOf(p netip.Prefix) (netip.Addr, bool) {
	if !p.Addr().Is4() || p.Bits() < 0 || p.Bits() > 30 {
		return netip.Addr{}, false
	}
	b := p.Addr().As4()
	host := ^uint32(0) >> p.Bits()
	binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])|host)
	return netip.AddrFrom4(b), true
}

// SystemNICs reads the host's interfaces. One whose addresses can't be read, as
// happens when it is just being pulled, is left out.
func SystemNICs() ([]NIC, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	nics := make([]NIC, 0, len(all))
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		nics = append(nics, NIC{Interface: i, Prefixes: prefixesOf(addrs)})
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
