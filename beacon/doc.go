// Package beacon tells a local network that a service is here, and hears who
// else is. It speaks the datagrams of czmq's zbeacon, so that nodes in Go and in
// C find each other, and it reads and writes the 22 (or 54) bytes that ZRE nodes
// put into them. It joins all ways of finding peers in one roster: mdns (mDNS and
// DNS-SD), members (memberlist), gossip, and those that others write.
//
//	b, err := beacon.New(ctx)                // UDP 5670, every usable interface
//	if err != nil {
//		return err
//	}
//	defer b.Close()
//	b.Subscribe([]byte("NODE/"))             // nothing is heard before this
//	if err := b.Publish([]byte("NODE/1"), time.Second); err != nil {
//		return err
//	}
//	for s := range b.Events(ctx) {
//		fmt.Println(s.From, s.Interface, string(s.Data))
//	}
//
// # What it sends
//
// A datagram is the payload and nothing else. [Beacon.Publish] sends it at once
// and then at every interval, on every usable interface: one that is up, has an
// address, can broadcast (or multicast, with [WithMulticast]) and is neither a
// loopback nor a point-to-point link. [WithInterface] chooses by name, address
// or prefix instead; an interface that is chosen by name may be any of those.
// Interfaces are looked at again every two seconds ([WithRescan]), so one that is
// plugged in later joins, and one that is pulled leaves. An error on one
// interface is counted and never stops another.
//
// # What it hears
//
// One socket per address family receives, bound to the port on all addresses,
// and every program on the host may share it. Sending sockets have ports of their
// own, which is how a beacon knows its own echo, and why no datagram can end in a
// socket that is never read. A datagram is delivered when it arrives on an
// interface that is in use, is not longer than [WithMaxSize], is not the
// beacon's own ([WithEchoFilter]), starts with the subscribed prefix and is
// within [WithRateLimit]. Anything else is dropped and counted in [Stats], by
// reason; nothing is ever delivered in part.
//
// Each subscription that [Beacon.Events] returns has a queue of its own, of bounded
// length. A reader that is too slow loses the oldest signals, and is told how many:
// beacons repeat, so the newest is the one worth having.
//
// # One host
//
// [WithLoopback] needs no network: it broadcasts to 127.255.255.255, which on
// Linux reaches every beacon of the host, in this process or another. Where the
// system has no broadcast on its loopback (the BSDs and macOS), combine it with
// [WithMulticast].
//
// # Several ways at once
//
// A [Discoverer] makes a [Peer] known in one way and finds others: [UDP] and [Static]
// are here, others in mdns, members and gossip, and a program writes its own with a
// [PeerTable]. A [Roster] joins
// them, and says of each peer where it was heard:
//
//	udp, err := beacon.NewUDP(ctx, nil)
//	...
//	dns, err := mdns.New(ctx, "_zre._tcp")
//	...
//	r := beacon.NewRoster(ctx, udp, dns, beacon.NewStatic(known...))
//	defer r.Close()
//	err = r.Announce(ctx, beacon.Peer{ID: id, Endpoints: []string{"tcp://*:5670"}})
//	for e := range r.Events(ctx) {
//		fmt.Println(e.Kind, e.Entry.ID, e.Entry.Endpoints, e.Entry.Sightings)
//	}
//
// # Trust
//
// A datagram proves nothing: its source address and its content can be forged
// by anything on the network. Use a signal or a peer as a hint to connect and
// authenticate, and never as the proof that a peer exists or has left. What strangers
// can make this package remember is bounded: by [WithQueue], [WithRateLimit] and
// [WithMaxPeers].
package beacon
