// Broadcast is a worker with two tasks at once: it takes commands of two parts,
// tells everybody who listens about each, and answers whoever sent it. One goroutine
// does both; a socket for each is all it takes.
//
//	go run ./examples/broadcast worker
//	go run ./examples/broadcast listener            # as many as you like
//	go run ./examples/broadcast command open door
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

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// config is where the worker is.
type config struct {
	commands, news string
	listeners      int
}

func worker(ctx context.Context, c config) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return err
	}
	defer pub.Close()
	if _, err := pub.Bind(c.news); err != nil {
		return err
	}
	if err := pub.WaitSubscribers(ctx, "msg", c.listeners); err != nil {
		return err
	}
	if _, err := rep.Bind(c.commands); err != nil {
		return err
	}
	for cmd, err := range rep.Messages(ctx) {
		if err != nil {
			return err
		}
		answer := "a command has two parts"
		if cmd.Len() == 2 {
			answer = "OK"
			if err := pub.Send(ctx, msg.New([]byte("msg"), cmd.Frames[0], cmd.Frames[1])); err != nil {
				return err
			}
		}
		if err := rep.SendString(ctx, answer); err != nil {
			return err
		}
	}
	return nil
}

func listener(ctx context.Context, out io.Writer, c config) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := errors.Join(sub.Subscribe("msg"), sub.Connect(c.news)); err != nil {
		return err
	}
	for m, err := range sub.Messages(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%q\n", m.Frames)
	}
	return nil
}

func command(ctx context.Context, out io.Writer, c config, parts []string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	if err := errors.Join(req.Connect(c.commands), req.SendString(ctx, parts...)); err != nil {
		return err
	}
	answer, err := req.RecvString(ctx)
	if err == nil {
		fmt.Fprintln(out, answer)
	}
	return err
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	var c config
	flags := flag.NewFlagSet("broadcast", flag.ContinueOnError)
	flags.StringVar(&c.commands, "commands", "tcp://127.0.0.1:5573", "where the worker takes commands")
	flags.StringVar(&c.news, "news", "tcp://127.0.0.1:5574", "where it publishes")
	flags.IntVar(&c.listeners, "listeners", 0, "how many listeners the worker waits for")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "worker":
		err = worker(ctx, c)
	case "listener":
		err = listener(ctx, out, c)
	case "command":
		err = command(ctx, out, c, flags.Args()[1:])
	default:
		return errors.New("usage: broadcast [flags] worker|listener | command part part")
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
