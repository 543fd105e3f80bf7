// Package mdns makes services known on the local network, and finds them, by multicast
// DNS and DNS-SD (RFC 6762, RFC 6763): Bonjour and avahi find what it announces, and it
// finds what they do.
//
//	a, err := mdns.Announce(ctx, mdns.Service{Instance: "My Node", Type: "_zre._tcp", Port: 5670})
//	if err != nil {
//		return err
//	}
//	defer a.Close()                          // says goodbye
//	b, err := mdns.Browse(ctx, "_zre._tcp")
//	if err != nil {
//		return err
//	}
//	defer b.Close()
//	for e := range b.Events(ctx) {
//		fmt.Println(e.Kind, e.Service.Instance, e.Addrs, e.Interface)
//	}
//
// [New] is the beacon.Discoverer on top of both, for a beacon.Roster.
//
// Names are probed for and numbered when they are taken, announced twice, defended, and
// taken back; what is found is refreshed before it expires and lost when it does. It is
// all by interface: each is told its own addresses only. Port 5353 is shared with the
// host's own mDNS.
//
// A packet proves nothing: anything on the network can forge it. Use a service as a hint
// to connect and authenticate. What strangers can make this package remember is bounded,
// by [WithRateLimit] and [WithMaxPeers].
package mdns
