package beacon

import "net/netip"

// A membership is a group that was joined on an interface.
type membership struct {
	index int
	group netip.Addr
}

// memberships are the groups that a beacon or an mDNS node has joined.
type memberships map[membership]struct{}

// follow joins the groups of the targets on their interfaces, each on the ear of its
// family, and leaves all other groups. Leaving fails where the interface has gone, and
// the group with it, which is as good. A group that could not be joined is tried again
// by the next follow.
func (ms memberships) follow(targets []target, earOf func(netip.Addr) *ear, failed func(error)) {
	wanted := make(memberships)
	for _, t := range targets {
		if t.dest.IsMulticast() {
			wanted[membership{t.index, t.dest}] = struct{}{}
		}
	}
	for m := range wanted {
		if _, done := ms[m]; done {
			continue
		}
		if err := earOf(m.group).join(m); err != nil {
			failed(err)
			continue
		}
		ms[m] = struct{}{}
	}
	for m := range ms {
		if _, ok := wanted[m]; !ok {
			_ = earOf(m.group).leave(m)
			delete(ms, m)
		}
	}
}
