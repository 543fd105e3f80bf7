package zmq_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// Any number of subscribers hear one publisher over multicast: it sends everything
// once, at the rate that it is given, and repeats what a subscriber has lost.
func Example_multicast() {
	ctx := context.Background()
	const group = "epgm://eth0;239.192.1.1:5555"

	pub, err := zmq.NewPub(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close()
	err = pub.Connect(group, zmq.WithMulticastRate(10_000), zmq.WithMulticastRecovery(5*time.Second))
	if err != nil {
		log.Fatal(err)
	}

	sub, err := zmq.NewSub(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()
	if err := sub.Subscribe("weather"); err != nil {
		log.Fatal(err)
	}
	gaps := sub.Events(ctx, zmq.EventGap) // what could not be repaired
	go func() {
		for e := range gaps {
			fmt.Printf("%d packets of %s are lost\n", e.Value, e.Remote)
		}
	}()
	if err := sub.Connect(group); err != nil {
		log.Fatal(err)
	}
	for m, err := range sub.Messages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m)
	}
}
