package beacon_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

// A service is announced by multicast DNS and found again. On a network, leave
// WithLoopback and WithPort out: Bonjour and avahi then see it too.
func ExampleBrowse() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	host := []beacon.Option{beacon.WithLoopback(), beacon.WithPort(5354)}

	announced, err := beacon.Announce(ctx, beacon.Service{
		Instance: "My Node v1.2",
		Type:     "_zre._tcp",
		Port:     5670,
		Text:     map[string]string{"role": "server"},
	}, host...)
	if err != nil {
		log.Fatal(err)
	}
	defer announced.Close()

	for e := range beacon.Browse(ctx, "_zre._tcp", host...) {
		if e.Err != nil {
			log.Fatal(e.Err)
		}
		fmt.Println(e.Kind, e.Service.Type, e.Service.Port, e.Service.Text["role"])
		break
	}
	// Output: found _zre._tcp 5670 server
}

// A roster joins what several ways of discovery know. On a network, add
// beacon.NewMDNS, and leave WithLoopback out.
func ExampleRoster() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	join := func(id string, endpoint string) *beacon.Roster {
		udp, err := beacon.NewUDP(nil, beacon.WithLoopback(), beacon.WithPort(5672))
		if err != nil {
			log.Fatal(err)
		}
		known := beacon.NewStatic(beacon.Peer{ID: "database", Endpoints: []string{"tcp://db.example:5555"}})
		r := beacon.NewRoster(udp, known)
		if err := r.Announce(ctx, beacon.Peer{ID: id, Endpoints: []string{endpoint}}); err != nil {
			log.Fatal(err)
		}
		return r
	}
	alice, bob := join("alice", "tcp://*:5670"), join("bob", "tcp://*:5671")
	defer alice.Close()
	defer bob.Close()

	for range alice.Watch(ctx) {
		if len(alice.Peers()) == 2 {
			break
		}
	}
	for _, peer := range alice.Peers() {
		fmt.Println(peer.ID, peer.Endpoints, "by", peer.Sightings[0].Source)
	}
	// Unordered output:
	// database [tcp://db.example:5555] by static
	// bob [tcp://127.0.0.1:5671] by udp
}
