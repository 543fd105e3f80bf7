package gossip_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/go-zactor/zactor/gossip"
)

// Every node has all tuples, wherever they were put.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	hub, err := gossip.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer hub.Close()
	endpoint, err := hub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		log.Fatal(err)
	}
	leaf, err := gossip.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer leaf.Close()
	if err := leaf.Connect(endpoint); err != nil {
		log.Fatal(err)
	}
	if err := leaf.Publish("service/web", "tcp://10.0.0.7:80", time.Minute); err != nil {
		log.Fatal(err)
	}
	for e := range hub.Events(ctx) {
		fmt.Println(e.Kind, e.Key, e.Value)
		break
	}
	// Output: found service/web tcp://10.0.0.7:80
}
