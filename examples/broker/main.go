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
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// broker binds both sides. A ROUTER marks each request with its client, and takes the
// mark off the answer; a DEALER spreads them.
func broker(ctx context.Context, frontAt, backAt string, between func(ctx context.Context, front, back *zmq.Socket) error) error {
	front, err := zmq.NewRouter(ctx)
	if err != nil {
		return err
	}
	defer front.Close()
	back, err := zmq.NewDealer(ctx)
	if err != nil {
		return err
	}
	defer back.Close()
	_, err = front.Bind(frontAt)
	_, err2 := back.Bind(backAt)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return between(ctx, front, back)
}

func proxy(ctx context.Context, front, back *zmq.Socket) error {
	return zmq.Proxy(ctx, front, back, nil)
}

func client(ctx context.Context, out io.Writer, front string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	if err := req.Connect(front); err != nil {
		return err
	}
	for i := range 10 {
		if err := req.SendString(ctx, "Hello"); err != nil {
			return err
		}
		answer, err := req.RecvString(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "answer %d: %s\n", i+1, answer)
	}
	return nil
}

func worker(ctx context.Context, out io.Writer, back string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	if err := rep.Connect(back); err != nil {
		return err
	}
	for request, err := range rep.Messages(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "received", request.PopString())
		if err := rep.SendString(ctx, "World"); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	args = append(args, "", "", "")
	front := cmp.Or(args[1], "tcp://127.0.0.1:5559")
	back := cmp.Or(args[2], "tcp://127.0.0.1:5560")
	switch args[0] {
	case "poll":
		err = broker(ctx, front, back, poll)
	case "proxy":
		err = broker(ctx, front, back, proxy)
	case "client":
		err = client(ctx, out, front)
	case "worker":
		err = worker(ctx, out, back)
	default:
		return errors.New("usage: broker poll|proxy|client|worker [front-endpoint back-endpoint]")
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
