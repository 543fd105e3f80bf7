// Espresso is the listener of the Guide: what goes through a proxy is also given to one who
// listens in, of which neither publisher nor subscriber knows. All in one process.
//
//	go run ./examples/espresso
//
// For a proxy of its own, the tool does it without a program: zactor proxy --capture FILE,
// and zactor replay FILE plays it again. A capture in a program is for what looks into
// messages, or is to decide about them.
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

// publish sends random messages, from "A" to "J".
func publish(ctx context.Context, endpoint string) error {
	pub, err := zmq.NewPub(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer pub.Close()
	if err := pub.Connect(endpoint); err != nil {
		return err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := pub.SendString(ctx, fmt.Sprintf("%c-%05d", 'A'+rand.IntN(10), rand.IntN(100000))); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// subscribe takes five messages that begin with A or B, and leaves.
func subscribe(ctx context.Context, out io.Writer, endpoint string) error {
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := errors.Join(sub.Subscribe("A"), sub.Subscribe("B"), sub.Connect(endpoint)); err != nil {
		return err
	}
	for n := 0; n < 5; n++ {
		text, err := sub.RecvString(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "subscriber:", text)
	}
	fmt.Fprintln(out, "subscriber: five are enough")
	return nil
}

// listen prints what the proxy gives it: messages, and subscriptions, which begin with 1,
// or with 0 when they end.
func listen(ctx context.Context, out io.Writer, pair *zmq.Socket) error {
	for m, err := range pair.Messages(ctx) {
		if err != nil {
			return nil // Ctrl-C
		}
		switch b := m.Pop(); {
		case len(b) > 0 && b[0] == 1:
			fmt.Fprintf(out, "listener: somebody subscribes to %q\n", b[1:])
		case len(b) > 0 && b[0] == 0:
			fmt.Fprintf(out, "listener: nobody wants %q any more\n", b[1:])
		default:
			fmt.Fprintf(out, "listener: %s\n", b)
		}
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "")
	front, back := cmp.Or(args[0], "tcp://127.0.0.1:6000"), cmp.Or(args[1], "tcp://127.0.0.1:6001")
	var sockets [4]*zmq.Socket
	for i, typ := range []zmq.Type{zmq.XSub, zmq.XPub, zmq.Pair, zmq.Pair} {
		s, err := zmq.New(ctx, typ, zmq.WithLinger(0))
		if err != nil {
			return err
		}
		defer s.Close()
		sockets[i] = s
	}
	xsub, xpub, capture, listener := sockets[0], sockets[1], sockets[2], sockets[3]
	_, err := xsub.Bind(front)
	_, err2 := xpub.Bind(back)
	_, err3 := capture.Bind("inproc://espresso")
	if err := errors.Join(err, err2, err3, listener.Connect("inproc://espresso")); err != nil {
		return err
	}
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return publish(ctx, front) })
	parts.Go(func() error { return subscribe(ctx, out, back) })
	parts.Go(func() error { return listen(ctx, out, listener) })
	parts.Go(func() error { return zmq.NewProxy(xsub, xpub, capture).Run(ctx) })
	if err := parts.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // Ctrl-C
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
