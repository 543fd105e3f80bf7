package beacon

import (
	"bytes"
	"net"
	"net/netip"
	"time"
)

// A datagram is what was read from the network, before anything is known of it.
type datagram struct {
	data  []byte // one byte longer than allowed if it was longer than allowed
	index int    // of the interface it arrived on, 0 where the system does not say
	from  netip.AddrPort
	time  time.Time
}

// A reason says why a datagram is dropped.
type reason int

const (
	accepted reason = iota
	oversize
	badSource
	otherInterface
	echo
	filtered
	rateLimited
	reasons
)

// A judge decides about datagrams. It is a value made for each of them, so that
// a decision sees one state of the beacon.
type judge struct {
	maxSize   int
	echo      EchoFilter
	view      *view
	published *[]byte // nil while silent
	prefix    *[]byte // nil while not subscribed
	limit     *limiter
}

// weigh returns the name of the interface that d arrived on, and whether it is
// to be delivered. The cheap and the certain come first; the rate limit is last,
// because only what would be delivered may use it up.
func (j judge) weigh(d datagram) (string, reason) {
	if len(d.data) > j.maxSize {
		return "", oversize
	}
	if a := d.from.Addr(); !a.IsValid() || a.IsUnspecified() || a.IsMulticast() {
		return "", badSource
	}
	name, ok := j.view.arrival(d.index, d.from.Addr())
	switch {
	case !ok:
		return "", otherInterface
	case j.isEcho(d):
		return "", echo
	case j.prefix == nil || !bytes.HasPrefix(d.data, *j.prefix):
		return "", filtered
	case !j.limit.admit(d.from.Addr(), d.time):
		return "", rateLimited
	}
	return name, accepted
}

func (j judge) isEcho(d datagram) bool {
	if j.echo&BySource != 0 {
		if _, own := j.view.own[d.from]; own {
			return true
		}
	}
	return j.echo&ByContent != 0 && j.published != nil && bytes.Equal(*j.published, d.data)
}

// A view is the beacon's knowledge of its interfaces at one time. It is never
// changed: a rescan makes a new one.
type view struct {
	names    map[int]string // interfaces in use, by index
	loops    map[int]bool   // the host's loopback interfaces
	networks []network      // the networks of the interfaces in use
	own      map[netip.AddrPort]struct{}
	links    []target // where beacons are really sent, in the order of the interfaces
}

type network struct {
	prefix netip.Prefix
	name   string
}

func newView(c choice, nics []nic, targets []target) *view {
	v := &view{
		names: make(map[int]string),
		loops: make(map[int]bool),
		own:   make(map[netip.AddrPort]struct{}),
	}
	for _, t := range targets {
		v.names[t.index] = t.nic
	}
	for _, n := range nics {
		if n.has(net.FlagLoopback) {
			v.loops[n.Index] = true
		}
		if _, used := v.names[n.Index]; used {
			v.learn(n, c.usable(n))
		}
	}
	return v
}

func (v *view) learn(n nic, usable []netip.Prefix) {
	for _, p := range usable {
		v.networks = append(v.networks, network{p.Masked(), n.Name})
	}
}

// arrival names the interface of a datagram, or says that it is not in use.
// Where the system did not tell the index, the sender's network tells it. So it
// does for datagrams of this host to itself, which arrive on the loopback
// interface whatever their addresses.
func (v *view) arrival(index int, from netip.Addr) (string, bool) {
	if name, ok := v.names[index]; ok {
		return name, true
	}
	if index != 0 && !v.loops[index] {
		return "", false
	}
	for _, n := range v.networks {
		zone := from.Zone()
		if n.prefix.Contains(from.WithZone("")) && (zone == "" || zone == n.name) {
			return n.name, true
		}
	}
	return "", false
}
