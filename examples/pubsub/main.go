// Pubsub publishes the weather, and lets each of two subscribers hear of its own
// city. What nobody has subscribed to never leaves the publisher.
//
//	go run ./examples/pubsub
package main

import (
	"context"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	pub, err := zmq.NewPub(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer pub.Close()
	endpoint, err := pub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		log.Fatal(err)
	}

	var readers sync.WaitGroup
	for _, city := range []string{"oslo", "rome"} {
		readers.Go(func() { read(ctx, endpoint, city) })
		// A publisher does not wait for subscribers, and they miss what was sent
		// before they came. Where that matters, wait for them.
		if err := pub.WaitSubscribers(ctx, city, 1); err != nil {
			log.Fatal(err)
		}
	}
	for day := range 3 {
		for i, city := range []string{"oslo", "paris", "rome"} {
			// The first frame is the topic.
			if err := pub.SendString(ctx, city, fmt.Sprintf("day %d: %d degrees", day+1, 10*i+day)); err != nil {
				log.Fatal(err)
			}
		}
	}
	readers.Wait()
}

// read prints three reports of a city.
func read(ctx context.Context, endpoint, city string) {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()
	if err := sub.Subscribe(city); err != nil {
		log.Fatal(err)
	}
	if err := sub.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	for range 3 {
		m, err := sub.Recv(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s, %s\n", m.PopString(), m.PopString())
	}
}
