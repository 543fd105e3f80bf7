package lan

import (
	"net"
	"net/netip"
)

// A View is what is known of the interfaces at one time. It is never
// changed: a rescan makes a new one.
type View struct {
	Names    map[int]string              // interfaces in use, by index
	Loops    map[int]bool                // the host's loopback interfaces
	Networks []Network                   // the networks of the interfaces in use
	Own      map[netip.AddrPort]struct{} // our sending sockets
	Links    []Target                    // where beacons are really sent, in the order of the interfaces
}

// A Network is one that an interface in use is in.
type Network struct {
	Prefix netip.Prefix
	Name   string
}

// NewView makes a View of the interfaces that targets are on.
func NewView(c Choice, nics []NIC, targets []Target) *View {
	v := &View{
		Names: make(map[int]string),
		Loops: make(map[int]bool),
		Own:   make(map[netip.AddrPort]struct{}),
	}
	for _, t := range targets {
		v.Names[t.Index] = t.NIC
	}
	for _, n := range nics {
		if n.Has(net.FlagLoopback) {
			v.Loops[n.Index] = true
		}
		if _, used := v.Names[n.Index]; used {
			v.learn(n, c.Usable(n))
		}
	}
	return v
}

func (v *View) learn(n NIC, usable []netip.Prefix) {
	for _, p := range usable {
		v.Networks = append(v.Networks, Network{p.Masked(), n.Name})
	}
}

// Arrival names the interface of a datagram, or says that it is not in use.
// Where the system did not tell the index, the sender's network tells it. So it
// does for datagrams of this host to itself, which arrive on the loopback
// interface whatever their addresses.
func (v *View) Arrival(index int, from netip.Addr) (string, bool) {
	if name, ok := v.Names[index]; ok {
		return name, true
	}
	if index != 0 && !v.Loops[index] {
		return "", false
	}
	for _, n := range v.Networks {
		zone := from.Zone()
		if n.Prefix.Contains(from.WithZone("")) && (zone == "" || zone == n.Name) {
			return n.Name, true
		}
	}
	return "", false
}
