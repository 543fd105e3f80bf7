// Slowjoiner shows what surprises everybody once: a subscriber connects, a publisher
// sends at once, and nothing arrives. A publisher sends only to subscribers it knows
// of, and the subscription is still on its way. Where it matters, the publisher
// waits for it.
//
//	go run ./examples/slowjoiner
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

const messages = 100

// received counts what a subscriber gets.
func received(ctx context.Context, wait bool) (n int, err error) {
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return 0, err
	}
	defer pub.Close()
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return 0, err
	}
	defer sub.Close()
	endpoint, err := pub.Bind("tcp://127.0.0.1:*")
	if err := errors.Join(err, sub.Subscribe("news"), sub.Connect(endpoint)); err != nil {
		return 0, err
	}
	if wait {
		if err := pub.WaitSubscribers(ctx, "news", 1); err != nil {
			return 0, err
		}
	}
	for i := range messages {
		if err := pub.SendString(ctx, "news", fmt.Sprint(i)); err != nil {
			return 0, err
		}
	}

	if err := pub.WaitSubscribers(ctx, "news", 1); err != nil { // so that this arrives in any case
		return 0, err
	}
	if err := pub.SendString(ctx, "news of the end"); err != nil {
		return 0, err
	}
	for m, err := range sub.Messages(ctx) {
		if err != nil || m.Len() == 1 {
			return n, err
		}
		n++
	}
	return n, errors.New("the end never came")
}

func run(ctx context.Context, out io.Writer, _ []string) (err error) {
	for _, wait := range []bool{false, true} {
		n, err := received(ctx, wait)
		if ctx.Err() != nil {
			return nil // Ctrl-C
		}
		if err != nil {
			return err
		}
		what := map[bool]string{false: "the publisher sends at once:", true: "it waits for its subscriber:"}[wait]
		fmt.Fprintln(out, what, n, "of", messages, "arrive")
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
