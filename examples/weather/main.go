// Weather publishes "ZIP temperature humidity" of places all over the country,
// without end, and as fast as it can. A client wants one ZIP, takes so many updates,
// and prints the average. What nobody has subscribed to never leaves the server.
//
//	go run ./examples/weather server [endpoint...]
//	go run ./examples/weather [-zip 10001] [-n 100] client [endpoint]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

var (
	zip  = flag.Int("zip", 10001, "the client's place")
	n    = flag.Int("n", 100, "how many updates the client takes")
	zips = flag.Int("zips", 100_000, "how many places the server reports, from 10001 on")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	endpoints := []string{"tcp://127.0.0.1:5556"}
	if flag.NArg() > 1 {
		endpoints = flag.Args()[1:]
	}
	switch flag.Arg(0) {
	case "server":
		server(ctx, endpoints)
	case "client":
		client(ctx, endpoints[0])
	default:
		log.Fatal("usage: weather server [endpoint...] | weather [-zip 10001] [-n 100] client [endpoint]")
	}
}

// server publishes at all endpoints at once, tcp and ipc as you like.
func server(ctx context.Context, endpoints []string) {
	pub := must(zmq.NewPub(ctx))
	defer pub.Close()
	for _, e := range endpoints {
		fmt.Println("the weather is at", must(pub.Bind(e)))
	}
	var update []byte // SendBytes copies, so one buffer will do
	for ctx.Err() == nil {
		place := (10001 + rand.IntN(*zips)) % 100_000
		update = fmt.Appendf(update[:0], "%05d %d %d", place, rand.IntN(215)-80, rand.IntN(50)+10)
		if err := pub.SendBytes(ctx, update); ctx.Err() == nil {
			check(err)
		}
	}
}

// client averages n updates. When the server goes away meanwhile, it waits for it.
func client(ctx context.Context, endpoint string) {
	sub := must(zmq.NewSub(ctx))
	defer sub.Close()
	check(sub.Subscribe(fmt.Sprintf("%05d ", *zip)))
	check(sub.Connect(endpoint))
	total := 0
	for i := range *n {
		var place, temperature, humidity int
		must(fmt.Sscan(must(sub.RecvString(ctx)), &place, &temperature, &humidity))
		total += temperature
		if i == *n/2 {
			fmt.Println("half of the updates are there")
		}
	}
	fmt.Printf("average temperature of %05d in %d updates: %d F\n", *zip, *n, total / *n)
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	switch {
	case errors.Is(err, context.Canceled): // Ctrl-C, which is no failure
		os.Exit(0)
	case err != nil:
		log.Fatal(err)
	}
}
