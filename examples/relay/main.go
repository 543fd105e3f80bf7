// Relay has three processes that go one after the other: the first signals the
// second, the second the third, over pairs of sockets that belong to them alone.
// They may be started in any order.
//
//	go run ./examples/relay step3
//	go run ./examples/relay step2
//	go run ./examples/relay step1
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

// awaits waits for the step before.
func awaits(ctx context.Context, endpoint string) error {
	pair, err := zmq.NewPair(ctx)
	if err != nil {
		return err
	}
	defer pair.Close()
	if _, err := pair.Bind(endpoint); err != nil {
		return err
	}
	text, err := pair.RecvString(ctx)
	if err == nil && text != "READY" {
		err = fmt.Errorf("got %q, want READY", text)
	}
	return err
}

// signals tells the step after, and waits until it has been told, or for Ctrl-C.
func signals(ctx context.Context, out io.Writer, endpoint, text string) error {
	pair, err := zmq.NewPair(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer pair.Shutdown(ctx)
	if err := pair.Connect(endpoint); err != nil {
		return err
	}
	fmt.Fprintln(out, text)
	return pair.SendString(ctx, "READY")
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	args = append(args, "", "", "")
	second := cmp.Or(args[1], "ipc:///tmp/zactor-relay-2")
	third := cmp.Or(args[2], "ipc:///tmp/zactor-relay-3")
	switch args[0] {
	case "step1":
		err = signals(ctx, out, second, "step 1: ready, signalling step 2")
	case "step2":
		if err = awaits(ctx, second); err == nil {
			err = signals(ctx, out, third, "step 2: ready, signalling step 3")
		}
	case "step3":
		if err = awaits(ctx, third); err == nil {
			fmt.Fprintln(out, "step 3: all have come")
		}
	default:
		return errors.New("usage: relay step1|step2|step3 [endpoint-of-2 endpoint-of-3]")
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
