// Relay has three processes that go one after the other: the first signals the
// second, the second the third, over pairs of sockets that belong to them alone.
// They may be started in any order.
//
//	go run ./examples/relay step3
//	go run ./examples/relay step2
//	go run ./examples/relay step1
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	second := cmp.Or(flag.Arg(1), "ipc:///tmp/zactor-relay-2")
	third := cmp.Or(flag.Arg(2), "ipc:///tmp/zactor-relay-3")
	switch flag.Arg(0) {
	case "step1":
		signals(ctx, second, "step 1: ready, signalling step 2")
	case "step2":
		awaits(ctx, second)
		signals(ctx, third, "step 2: ready, signalling step 3")
	case "step3":
		awaits(ctx, third)
		fmt.Println("step 3: all have come")
	default:
		log.Fatal("usage: relay step1|step2|step3 [endpoint-of-2 endpoint-of-3]")
	}
}

// awaits waits for the step before.
func awaits(ctx context.Context, endpoint string) {
	pair := must(zmq.NewPair(ctx))
	defer pair.Close()
	must(pair.Bind(endpoint))
	if text := must(pair.RecvString(ctx)); text != "READY" {
		log.Fatalf("got %q, want READY", text)
	}
}

// signals tells the step after, and waits until it has been told, or for Ctrl-C.
func signals(ctx context.Context, endpoint, text string) {
	pair := must(zmq.NewPair(context.Background()))
	defer pair.Shutdown(ctx)
	check(pair.Connect(endpoint))
	fmt.Println(text)
	check(pair.SendString(ctx, "READY"))
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
