// Swap sends lines that survive kill -9: what Send has accepted is on disk, and is
// delivered at least once, by this process or by the next one with the same folder. It is
// what the Guide's Titanic is for, without a broker.
//
//	go run ./examples/swap receive
//	echo a line that will arrive | go run ./examples/swap send /tmp/outbox
package main

import (
	"bufio"
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

// send accepts lines until they end. Whoever wants to know that they have arrived waits for
// an answer; here Ctrl-C leaves what waits to the next run.
func send(ctx context.Context, out io.Writer, endpoint, dir string) error {
	push, err := zmq.NewPush(ctx, zmq.WithSwap(dir, 1<<30), zmq.WithSwapSync(true), zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer push.Close()
	if err := push.Connect(endpoint); err != nil { // sends what an earlier run has left
		return err
	}
	next := make(chan string)
	go func() { // a read of the terminal does not end with ctx
		for in := bufio.NewScanner(input); in.Scan(); {
			select {
			case next <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case line := <-next:
			if err := push.SendString(ctx, line); err != nil {
				return ended(err)
			}
			fmt.Fprintln(out, "accepted", line)
		case <-ctx.Done():
			return nil
		}
	}
}

func receive(ctx context.Context, out io.Writer, endpoint string) error {
	pull, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer pull.Close()
	if _, err := pull.Bind(endpoint); err != nil {
		return err
	}
	for m, err := range pull.Messages(ctx) {
		if err != nil {
			return ended(err)
		}
		fmt.Fprintln(out, "received", m.PopString())
	}
	return nil
}

// ended is nil for Ctrl-C, which is no failure.
func ended(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// input is what is typed.
var input io.Reader = os.Stdin

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "", "")
	const here = "tcp://127.0.0.1:5555"
	switch {
	case args[0] == "send" && args[1] != "":
		return send(ctx, out, cmp.Or(args[2], here), args[1])
	case args[0] == "receive":
		return receive(ctx, out, cmp.Or(args[1], here))
	}
	return errors.New("usage: swap send FOLDER [ENDPOINT] | receive [ENDPOINT]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
