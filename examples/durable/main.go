// Durable is a publisher whose subscribers may be away: who comes back under its name is
// sent first what it missed, in order, within the bounds that the publisher sets. It is for
// streams without holes, for which the Guide has Clone.
//
//	go run ./examples/durable publish
//	go run ./examples/durable subscribe ann
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
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// publish sends numbers. It keeps for each name 100,000 messages and 64 MiB, for an hour.
func publish(ctx context.Context, endpoint string, every time.Duration) error {
	pub, err := zmq.NewPub(ctx, zmq.WithDurableBounds(100_000, 64<<20, time.Hour), zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer pub.Close()
	if _, err := pub.Bind(endpoint); err != nil {
		return err
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
			if err := pub.SendString(ctx, fmt.Sprint("number ", n)); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			return nil // Ctrl-C
		}
	}
}

func subscribe(ctx context.Context, out io.Writer, endpoint, name string) error {
	sub, err := zmq.NewSub(ctx, zmq.WithDurable(name))
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := sub.Subscribe("number"); err != nil { // before Connect
		return err
	}
	if err := sub.Connect(endpoint); err != nil {
		return err
	}
	gaps := sub.Events(ctx, zmq.EventGap)
	go func() {
		for e := range gaps { // beyond the bounds: how many are missing is said
			fmt.Fprintln(out, "missed", e.Value)
		}
	}()
	for m, err := range sub.Messages(ctx) {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if err == nil {
			fmt.Fprintln(out, m.PopString())
		}
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "", "")
	const here = "tcp://127.0.0.1:5555"
	switch args[0] {
	case "publish":
		return publish(ctx, cmp.Or(args[1], here), 10*time.Millisecond)
	case "subscribe":
		return subscribe(ctx, out, cmp.Or(args[2], here), args[1])
	}
	return errors.New("usage: durable publish [ENDPOINT] | subscribe NAME [ENDPOINT]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
