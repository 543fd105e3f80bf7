package beacon_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

// A roster joins what several ways of discovery know. On a network, add
// mdns.New, and leave WithLoopback out.
func ExampleRoster() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	join := func(id string, endpoint string) *beacon.Roster {
		udp, err := beacon.NewUDP(ctx, nil, beacon.WithLoopback(true), beacon.WithPort(5672))
		if err != nil {
			log.Fatal(err)
		}
		known := beacon.NewStatic(beacon.Peer{ID: "database", Endpoints: []string{"tcp://db.example:5555"}})
		r := beacon.NewRoster(ctx, udp, known)
		if err := r.Announce(ctx, beacon.Peer{ID: id, Endpoints: []string{endpoint}}); err != nil {
			log.Fatal(err)
		}
		return r
	}
	alice, bob := join("alice", "tcp://*:5670"), join("bob", "tcp://*:5671")
	defer alice.Close()
	defer bob.Close()

	for range alice.Events(ctx) {
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
