// Asyncsrv is the asynchronous server of the Guide: clients that ask without waiting for
// answers, and a server that answers as its workers get done, some requests several times,
// and some not at all.
//
//	go run ./examples/asyncsrv server
//	go run ./examples/asyncsrv client ann
//
// The Guide's server has a DEALER inside, to share requests among threads. Here sockets may
// be used by many goroutines, so that the workers receive from the ROUTER itself.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/go-zactor/zactor/zmq"
)

const workers = 5

func server(ctx context.Context, out io.Writer, endpoint string) error {
	life := context.WithoutCancel(ctx) // Ctrl-C ends the receiving; answers that are due go out
	router, err := zmq.NewRouter(life, zmq.WithLinger(time.Second))
	if err != nil {
		return err
	}
	defer router.Close()
	if _, err := router.Bind(endpoint); err != nil {
		return err
	}
	fmt.Fprintln(out, "serving")
	var all errgroup.Group
	for range workers {
		all.Go(func() error { return worker(ctx, router) })
	}
	return all.Wait()
}

// worker answers each request up to four times, when it has time. What it receives begins
// with who has sent it, and so does what it sends.
func worker(ctx context.Context, router *zmq.Socket) error {
	for m, err := range router.Messages(ctx) {
		if err != nil {
			return nil // Ctrl-C
		}
		for range rand.IntN(5) {
			time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
			if err := router.Send(context.WithoutCancel(ctx), m.Clone()); err != nil {
				return err
			}
		}
	}
	return nil
}

// client sends a request each second, and prints the answers as they come.
func client(ctx context.Context, out io.Writer, name, endpoint string) error {
	dealer, err := zmq.NewDealer(ctx, zmq.WithRoutingID(name), zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer dealer.Close()
	if err := dealer.Connect(endpoint); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	answers := dealer.Chan(ctx)
	for n := 1; ; {
		select {
		case <-tick.C:
			if err := dealer.SendString(ctx, fmt.Sprintf("request %d of %s", n, name)); err != nil && ctx.Err() == nil {
				return err
			}
			n++
		case m := <-answers:
			if m.Len() > 0 {
				fmt.Fprintln(out, "answered:", m.PopString())
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "", "")
	const here = "tcp://127.0.0.1:5570"
	switch {
	case args[0] == "server":
		return server(ctx, out, cmp.Or(args[1], here))
	case args[0] == "client" && args[1] != "":
		return client(ctx, out, args[1], cmp.Or(args[2], here))
	}
	return errors.New("usage: asyncsrv server [ENDPOINT] | client NAME [ENDPOINT]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
