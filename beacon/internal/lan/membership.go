package lan

import "net/netip"

// A Membership is a group that was joined on an interface.
type Membership struct {
	Index int
	Group netip.Addr
}

// Memberships are the groups that a beacon or an mDNS node has joined.
type Memberships map[Membership]struct{}

// Follow joins the groups of the targets on their interfaces, each on the socket of its
// family, and leaves all other groups. Leaving fails where the interface has gone, and
// the group with it, which is as good. A group that could not be joined is tried again
// by the next Follow.
func (ms Memberships) Follow(targets []Target, of func(netip.Addr) *Listener, failed func(error)) {
	wanted := make(Memberships)
	for _, t := range targets {
		if t.Dest.IsMulticast() {
			wanted[Membership{t.Index, t.Dest}] = struct{}{}
		}
	}
	for m := range wanted {
		if _, done := ms[m]; done {
			continue
		}
		if err := of(m.Group).Join(m); err != nil {
			failed(err)
			continue
		}
		ms[m] = struct{}{}
	}
	for m := range ms {
		if _, ok := wanted[m]; !ok {
			_ = of(m.Group).Leave(m)
			delete(ms, m)
		}
	}
}
