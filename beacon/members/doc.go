// Package members finds peers across networks, where neither broadcast nor multicast
// goes, and watches over them: a [Members] is a beacon.Discoverer on the membership
// protocol of hashicorp/memberlist (SWIM with suspicion). One address of any member
// is enough to join; a member that dies is found out in seconds, by all.
//
//	m, err := members.New(ctx, members.WithSeeds("seed.example:7946"), members.WithSecretKey(key))
//	r := beacon.NewRoster(ctx, udp, m) // and others: they feed one roster
//	err = r.Announce(ctx, beacon.Peer{ID: "alice", Endpoints: []string{"tcp://*:5670"}})
//
// The package stands apart from beacon because it has its own protocol and its own
// dependency, which only those programs link that import it.
//
// News go by gossip, in UDP packets; a second after a member has joined or announced itself,
// or has heard news, it exchanges all that it knows with another over TCP, then after two
// seconds more, four and so on, so that what the packets miss does not wait for memberlist's
// own exchange, which comes each half minute. (With [WithWAN] the first is after two and a
// half.) Where there are more than 32 members they exchange more rarely about others' news.
//
// A peer is announced in its member's metadata, of which memberlist carries 512 bytes:
// the ID, the endpoints and the values, each with a byte or two more. What is longer
// is refused. Gossip has no such bound.
//
// Without a secret key whatever reaches the port can be a member and say anything:
// set one, or restrict the addresses ([WithAllow]), or both.
package members
