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
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"

	"github.com/go-zactor/zactor/zmq"
)

// config is where the node pulls, pushes, and publishes copies.
type config struct {
	up, down, side string
	n, lookers     int
}

func node(ctx context.Context, c config) error {
	var sockets [3]*zmq.Socket
	for i, at := range []string{c.up, c.down, c.side} {
		s, err := zmq.New(ctx, []zmq.Type{zmq.Pull, zmq.Push, zmq.Pub}[i])
		if err != nil {
			return err
		}
		defer s.Close()
		if _, err := s.Bind(at); err != nil {
			return err
		}
		sockets[i] = s
	}
	if err := sockets[2].WaitSubscribers(ctx, "", c.lookers); err != nil {
		return err
	}
	return zmq.Proxy(ctx, sockets[0], sockets[1], sockets[2])
}

func push(ctx context.Context, c config) error {
	s, err := zmq.NewPush(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer s.Shutdown(ctx) // waits until all have been sent, or for Ctrl-C
	if err := s.Connect(c.up); err != nil {
		return err
	}
	for i := range c.n {
		if err := s.SendString(ctx, strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	return nil
}

// add adds up n numbers that come from an endpoint.
func add(ctx context.Context, out io.Writer, typ zmq.Type, endpoint string, n int) error {
	s, err := zmq.New(ctx, typ)
	if err != nil {
		return err
	}
	defer s.Close()
	if typ == zmq.Sub {
		err = s.Subscribe("")
	}
	if err := errors.Join(err, s.Connect(endpoint)); err != nil {
		return err
	}
	sum := 0
	for range n {
		text, err := s.RecvString(ctx)
		if err != nil {
			return err
		}
		x, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		sum += x
	}
	fmt.Fprintln(out, n, "numbers, in all", sum)
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	var c config
	flags := flag.NewFlagSet("streamer", flag.ContinueOnError)
	flags.StringVar(&c.up, "up", "tcp://127.0.0.1:5563", "where the node pulls")
	flags.StringVar(&c.down, "down", "tcp://127.0.0.1:5564", "where the node pushes")
	flags.StringVar(&c.side, "side", "tcp://127.0.0.1:5565", "where it publishes copies")
	flags.IntVar(&c.n, "n", 100, "how many numbers are pushed, pulled or looked at")
	flags.IntVar(&c.lookers, "lookers", 0, "how many who look the node waits for")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "node":
		err = node(ctx, c)
	case "push":
		err = push(ctx, c)
	case "pull":
		err = add(ctx, out, zmq.Pull, c.down, c.n)
	case "look":
		err = add(ctx, out, zmq.Sub, c.side, c.n)
	default:
		return errors.New("usage: streamer [flags] node|push|pull|look")
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
