// Streamer is the middle of a long pipeline: it pulls from everybody upstream and
// pushes to everybody downstream, and a copy of all that passes is published, for
// those who want to look.
//
//	go run ./examples/streamer node
//	go run ./examples/streamer pull
//	go run ./examples/streamer push   # as many as you like
//	go run ./examples/streamer look
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"

	"github.com/go-zactor/zactor/zmq"
)

var (
	up   = flag.String("up", "tcp://127.0.0.1:5563", "where the node pulls")
	down = flag.String("down", "tcp://127.0.0.1:5564", "where the node pushes")
	side = flag.String("side", "tcp://127.0.0.1:5565", "where it publishes copies")

	n       = flag.Int("n", 100, "how many numbers are pushed, pulled or looked at")
	lookers = flag.Int("lookers", 0, "how many who look the node waits for")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch flag.Arg(0) {
	case "node":
		node(ctx)
	case "push":
		push(ctx)
	case "pull":
		add(ctx, must(zmq.NewPull(ctx)), *down)
	case "look":
		sub := must(zmq.NewSub(ctx))
		check(sub.Subscribe(""))
		add(ctx, sub, *side)
	default:
		log.Fatal("usage: streamer [flags] node|push|pull|look")
	}
}

func node(ctx context.Context) {
	in, out, copies := must(zmq.NewPull(ctx)), must(zmq.NewPush(ctx)), must(zmq.NewPub(ctx))
	defer in.Close()
	defer out.Close()
	defer copies.Close()
	must(in.Bind(*up))
	must(out.Bind(*down))
	must(copies.Bind(*side))
	check(copies.WaitSubscribers(ctx, "", *lookers))
	if err := zmq.Proxy(ctx, in, out, copies); ctx.Err() == nil {
		check(err)
	}
}

func push(ctx context.Context) {
	s := must(zmq.NewPush(context.Background()))
	defer s.Shutdown(ctx) // waits until all have been sent, or for Ctrl-C
	check(s.Connect(*up))
	for i := range *n {
		check(s.SendString(ctx, strconv.Itoa(i+1)))
	}
}

// add adds up n numbers that come from an endpoint.
func add(ctx context.Context, s *zmq.Socket, endpoint string) {
	defer s.Close()
	check(s.Connect(endpoint))
	sum := 0
	for range *n {
		sum += must(strconv.Atoi(must(s.RecvString(ctx))))
	}
	fmt.Println(*n, "numbers, in all", sum)
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
