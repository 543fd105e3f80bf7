// Forwarder carries news out of a house: it subscribes inside, publishes outside,
// and passes subscriptions the other way, so that only what a subscriber outside wants
// leaves the publisher.
//
//	go run ./examples/forwarder relay
//	go run ./examples/forwarder publisher
//	go run ./examples/forwarder subscriber B   # as many as you like
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

func relay(ctx context.Context, inside, outside string) error {
	in, err := zmq.NewXSub(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := zmq.NewXPub(ctx)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := in.Connect(inside); err != nil {
		return err
	}
	if _, err := out.Bind(outside); err != nil {
		return err
	}
	return zmq.Proxy(ctx, in, out, nil)
}

// publisher waits until a subscriber wants the topic, wherever it is, and then tells of
// it and of another one.
func publisher(ctx context.Context, inside, topic string) error {
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return err
	}
	defer pub.Close() // waits until all has been sent
	if _, err := pub.Bind(inside); err != nil {
		return err
	}
	if err := pub.WaitSubscribers(ctx, topic, 1); err != nil {
		return err
	}
	for i := range 5 {
		err := errors.Join(
			pub.SendString(ctx, "another topic", "nobody wants to see this"),
			pub.SendString(ctx, topic, fmt.Sprint("news ", i+1)))
		if err != nil {
			return err
		}
	}
	return nil
}

func subscriber(ctx context.Context, out io.Writer, outside, topic string) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := errors.Join(sub.Subscribe(topic), sub.Connect(outside)); err != nil {
		return err
	}
	for range 5 {
		m, err := sub.Recv(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "[%s] %s\n", m.PopString(), m.PopString())
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("forwarder", flag.ContinueOnError)
	inside := flags.String("inside", "tcp://127.0.0.1:5561", "where the publisher is")
	outside := flags.String("outside", "tcp://127.0.0.1:5562", "where the relay publishes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch topic := cmp.Or(flags.Arg(1), "B"); flags.Arg(0) {
	case "relay":
		err = relay(ctx, *inside, *outside)
	case "publisher":
		err = publisher(ctx, *inside, topic)
	case "subscriber":
		err = subscriber(ctx, out, *outside, topic)
	default:
		return errors.New("usage: forwarder relay | publisher|subscriber [topic]")
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
