// Hello is where everybody begins: the client says "Hello" ten times, and the server
// answers "World" after a second of work. Start them in any order, start several
// clients, take the server away and bring it back: nobody has to be told.
//
//	go run ./examples/hello server
//	go run ./examples/hello client
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
	"time"

	"github.com/go-zactor/zactor/zmq"
)

func main() {
	work := flag.Duration("work", time.Second, "how long the server works for an answer")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch endpoint := cmp.Or(flag.Arg(1), "tcp://127.0.0.1:5555"); flag.Arg(0) {
	case "server":
		server(ctx, endpoint, *work)
	case "client":
		client(ctx, endpoint)
	default:
		log.Fatal("usage: hello [-work 1s] server|client [endpoint]")
	}
}

// server answers every request, one after the other, until it is interrupted. The
// interrupt ends the loop and not the socket: an answer that is due goes out.
func server(interrupt context.Context, endpoint string, work time.Duration) {
	ctx := context.Background()
	rep := must(zmq.NewRep(ctx))
	defer rep.Close()
	must(rep.Bind(endpoint))
	err := rep.SendString(ctx, "World") // nobody has asked
	fmt.Println("answering first is an error:", errors.Is(err, zmq.ErrState))
	for request, err := range rep.Messages(interrupt) {
		if interrupt.Err() != nil {
			return
		}
		check(err)
		fmt.Println("received", request.PopString())
		time.Sleep(work)
		check(rep.SendString(ctx, "World"))
	}
}

// client asks ten times. A REQ asks and listens in turn.
func client(ctx context.Context, endpoint string) {
	req := must(zmq.NewReq(ctx))
	defer req.Close()
	check(req.Connect(endpoint)) // the server may come later
	for i := range 10 {
		check(req.SendString(ctx, "Hello"))
		if i == 0 {
			err := req.SendString(ctx, "Hello?") // before the answer
			fmt.Println("asking twice is an error:", errors.Is(err, zmq.ErrState))
		}
		fmt.Printf("Hello %d: %s\n", i+1, must(req.RecvString(ctx)))
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
