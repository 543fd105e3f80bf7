// Suisnail is the Suicidal Snail of the Guide: a subscriber that is too late for what it
// gets ends itself, so that what is wrong is seen, and nobody acts on old news. Beside it,
// as "told", what makes it unnecessary here: zmq.WithGapNotices says how many messages a
// slow subscriber has missed.
//
//	go run ./examples/suisnail publish
//	go run ./examples/suisnail snail 2ms     how long it works on a message
//	go run ./examples/suisnail told 2ms
//
// Take the notices where a subscriber can ask for what it missed, or can say so; the snail
// where old messages do harm. pattern/lastvalue gives a slow subscriber the newest values.
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

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

const maxDelay = time.Second

var errLate = errors.New("suisnail: the messages are more than a second old")

// publish sends the time, each millisecond.
func publish(ctx context.Context, out io.Writer, endpoint string) error {
	pub, err := zmq.NewPub(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer pub.Close()
	if _, err := pub.Bind(endpoint); err != nil {
		return err
	}
	fmt.Fprintln(out, "publishing")
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			if err := pub.SendString(ctx, now.Format(time.RFC3339Nano)); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// subscribe works on each message for some time. With a limit it ends when they are late.
func subscribe(ctx context.Context, out io.Writer, sub *zmq.Socket, endpoint string, work, limit time.Duration) error {
	if err := errors.Join(sub.Subscribe(""), sub.Connect(endpoint)); err != nil {
		return err
	}
	fmt.Fprintln(out, "subscribed")
	for m, err := range sub.Messages(ctx) {
		if err != nil {
			return nil // Ctrl-C
		}
		if err := check(m, limit); err != nil {
			return err
		}
		time.Sleep(work)
	}
	return nil
}

func check(m msg.Msg, limit time.Duration) error {
	sent, err := time.Parse(time.RFC3339Nano, m.PopString())
	if late := time.Since(sent); err == nil && limit > 0 && late > limit {
		return fmt.Errorf("%w: %v", errLate, late)
	}
	return err
}

func snail(ctx context.Context, out io.Writer, endpoint string, work time.Duration) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	return subscribe(ctx, out, sub, endpoint, work, maxDelay)
}

// told has short queues: it is told soon, and what it gets is not old.
func told(ctx context.Context, out io.Writer, endpoint string, work time.Duration) error {
	sub, err := zmq.NewSub(ctx, zmq.WithGapNotices(true), zmq.WithRecvHWM(10), zmq.WithRecvBuffer(4<<10))
	if err != nil {
		return err
	}
	defer sub.Close()
	gaps := sub.Events(ctx, zmq.EventGap)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for e := range gaps {
			fmt.Fprintln(out, "missed", e.Value)
		}
	}()
	ctx, stop := context.WithCancel(ctx)
	defer func() { stop(); sub.Close(); <-ended }()
	return subscribe(ctx, out, sub, endpoint, work, 0)
}

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "", "")
	const here = "tcp://127.0.0.1:5555"
	if args[0] == "publish" {
		return publish(ctx, out, cmp.Or(args[1], here))
	}
	work, err := time.ParseDuration(cmp.Or(args[1], "2ms"))
	switch endpoint := cmp.Or(args[2], here); {
	case err != nil:
		return err
	case args[0] == "snail":
		return snail(ctx, out, endpoint, work)
	case args[0] == "told":
		return told(ctx, out, endpoint, work)
	}
	return errors.New("usage: suisnail publish [ENDPOINT] | snail|told [WORK ENDPOINT]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
