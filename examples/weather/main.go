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
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// server publishes at all endpoints at once, tcp and ipc as you like.
func server(ctx context.Context, out io.Writer, endpoints []string, zips int) error {
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return err
	}
	defer pub.Close()
	for _, e := range endpoints {
		bound, err := pub.Bind(e)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "the weather is at", bound)
	}
	var update []byte // SendBytes copies, so one buffer will do
	for ctx.Err() == nil {
		place := (10001 + rand.IntN(zips)) % 100_000
		update = fmt.Appendf(update[:0], "%05d %d %d", place, rand.IntN(215)-80, rand.IntN(50)+10)
		if err := pub.SendBytes(ctx, update); err != nil {
			return err
		}
	}
	return nil
}

// client averages n updates. When the server goes away meanwhile, it waits for it.
func client(ctx context.Context, out io.Writer, endpoint string, zip, n int) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := errors.Join(sub.Subscribe(fmt.Sprintf("%05d ", zip)), sub.Connect(endpoint)); err != nil {
		return err
	}
	total := 0
	for i := range n {
		text, err := sub.RecvString(ctx)
		if err != nil {
			return err
		}
		var place, temperature, humidity int
		if _, err := fmt.Sscan(text, &place, &temperature, &humidity); err != nil {
			return err
		}
		total += temperature
		if i == n/2 {
			fmt.Fprintln(out, "half of the updates are there")
		}
	}
	fmt.Fprintf(out, "average temperature of %05d in %d updates: %d F\n", zip, n, total/n)
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("weather", flag.ContinueOnError)
	zip := flags.Int("zip", 10001, "the client's place")
	n := flags.Int("n", 100, "how many updates the client takes")
	zips := flags.Int("zips", 100_000, "how many places the server reports, from 10001 on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	endpoints := []string{"tcp://127.0.0.1:5556"}
	if flags.NArg() > 1 {
		endpoints = flags.Args()[1:]
	}
	switch flags.Arg(0) {
	case "server":
		err = server(ctx, out, endpoints, *zips)
	case "client":
		err = client(ctx, out, endpoints[0], *zip, *n)
	default:
		return errors.New("usage: weather server [endpoint...] | weather [-zip 10001] [-n 100] client [endpoint]")
	}
	if ctx.Err() != nil {
		return nil // Ctrl-C
	}
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
