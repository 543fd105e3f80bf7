// Broker stands between any number of clients and any number of workers, who know
// nothing but where it is. Requests go to the workers in turn, and each answer finds
// its way back to the client that asked. It is shown twice: with a poll over both
// sockets, and in one line, as a proxy.
//
//	go run ./examples/broker poll     # or: proxy
//	go run ./examples/broker worker   # as many as you like
//	go run ./examples/broker client   # as many as you like
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
	front := cmp.Or(flag.Arg(1), "tcp://127.0.0.1:5559")
	back := cmp.Or(flag.Arg(2), "tcp://127.0.0.1:5560")
	switch flag.Arg(0) {
	case "poll":
		broker(ctx, front, back, poll)
	case "proxy":
		broker(ctx, front, back, func(ctx context.Context, front, back *zmq.Socket) error {
			return zmq.Proxy(ctx, front, back, nil)
		})
	case "client":
		client(ctx, front)
	case "worker":
		worker(ctx, back)
	default:
		log.Fatal("usage: broker poll|proxy|client|worker [front-endpoint back-endpoint]")
	}
}

// broker binds both sides. A ROUTER marks each request with its client, and takes the
// mark off the answer; a DEALER spreads them.
func broker(ctx context.Context, frontAt, backAt string, run func(context.Context, *zmq.Socket, *zmq.Socket) error) {
	front, back := must(zmq.NewRouter(ctx)), must(zmq.NewDealer(ctx))
	defer front.Close()
	defer back.Close()
	must(front.Bind(frontAt))
	must(back.Bind(backAt))
	if err := run(ctx, front, back); ctx.Err() == nil {
		check(err)
	}
}

func client(ctx context.Context, front string) {
	req := must(zmq.NewReq(ctx))
	defer req.Close()
	check(req.Connect(front))
	for i := range 10 {
		check(req.SendString(ctx, "Hello"))
		fmt.Printf("answer %d: %s\n", i+1, must(req.RecvString(ctx)))
	}
}

func worker(ctx context.Context, back string) {
	rep := must(zmq.NewRep(ctx))
	defer rep.Close()
	check(rep.Connect(back))
	for request, err := range rep.Messages(ctx) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		fmt.Println("received", request.PopString())
		check(rep.SendString(ctx, "World"))
	}
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
