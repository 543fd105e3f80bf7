package members_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/members"
)

// Two members find each other across networks; one address is enough.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	key := members.WithSecretKey([]byte("sixteen bytes, k"))
	seed, err := members.New(ctx, members.WithBind("127.0.0.1:0"), key)
	if err != nil {
		log.Fatal(err)
	}
	defer seed.Close()
	bob, err := members.New(ctx, members.WithBind("127.0.0.1:0"), key, members.WithSeeds(seed.Endpoint()))
	if err != nil {
		log.Fatal(err)
	}
	defer bob.Close()
	if err := bob.Announce(ctx, beacon.Peer{ID: "bob", Endpoints: []string{"tcp://*:5670"}}); err != nil {
		log.Fatal(err)
	}
	for e := range seed.Events(ctx) {
		fmt.Println(e.Kind, e.Peer.ID, e.Peer.Endpoints)
		break
	}
	// Output: found bob [tcp://127.0.0.1:5670]
}
