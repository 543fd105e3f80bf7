// Pubsub publishes the weather, and lets each of two subscribers hear of its own
// city. What nobody has subscribed to never leaves the publisher.
//
//	go run ./examples/pubsub
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"golang.org/x/sync/errgroup"

	"github.com/go-zactor/zactor/zmq"
)

// publish sends three days of weather, when there is a subscriber for each city.
func publish(ctx context.Context, pub *zmq.Socket) error {
	// A publisher does not wait for subscribers, and they miss what was sent
	// before they came. Where that matters, wait for them.
	for _, city := range []string{"oslo", "rome"} {
		if err := pub.WaitSubscribers(ctx, city, 1); err != nil {
			return err
		}
	}
	for day := range 3 {
		for i, city := range []string{"oslo", "paris", "rome"} {
			// The first frame is the topic.
			if err := pub.SendString(ctx, city, fmt.Sprintf("day %d: %d degrees", day+1, 10*i+day)); err != nil {
				return err
			}
		}
	}
	return nil
}

// read prints three reports of a city.
func read(ctx context.Context, out io.Writer, endpoint, city string) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := errors.Join(sub.Subscribe(city), sub.Connect(endpoint)); err != nil {
		return err
	}
	for range 3 {
		m, err := sub.Recv(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s, %s\n", m.PopString(), m.PopString())
	}
	return nil
}

func run(ctx context.Context, out io.Writer, _ []string) error {
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return err
	}
	defer pub.Close()
	endpoint, err := pub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		return err
	}
	parts, part := errgroup.WithContext(ctx)
	for _, city := range []string{"oslo", "rome"} {
		parts.Go(func() error { return read(part, out, endpoint, city) })
	}
	parts.Go(func() error { return publish(part, pub) })
	err = parts.Wait()
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
