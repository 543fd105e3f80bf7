// Hello is where everybody begins: the client says "Hello" ten times, and the server
// answers "World" after a second of work. Start them in any order, start several
// clients, take the server away and bring it back: nobody has to be told.
//
//	go run ./examples/hello server
//	go run ./examples/hello client
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
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// server answers every request, one after the other, until it is interrupted. The
// interrupt ends the loop and not the socket: an answer that is due goes out.
func server(ctx context.Context, out io.Writer, endpoint string, work time.Duration) error {
	life := context.WithoutCancel(ctx)
	rep, err := zmq.NewRep(life)
	if err != nil {
		return err
	}
	defer rep.Close()
	if _, err := rep.Bind(endpoint); err != nil {
		return err
	}
	err = rep.SendString(life, "World") // nobody has asked
	fmt.Fprintln(out, "answering first is an error:", errors.Is(err, zmq.ErrState))
	for request, err := range rep.Messages(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "received", request.PopString())
		time.Sleep(work)
		if err := rep.SendString(life, "World"); err != nil {
			return err
		}
	}
	return nil
}

// client asks ten times. A REQ asks and listens in turn.
func client(ctx context.Context, out io.Writer, endpoint string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	if err := req.Connect(endpoint); err != nil { // the server may come later
		return err
	}
	for i := range 10 {
		if err := req.SendString(ctx, "Hello"); err != nil {
			return err
		}
		if i == 0 {
			err := req.SendString(ctx, "Hello?") // before the answer
			fmt.Fprintln(out, "asking twice is an error:", errors.Is(err, zmq.ErrState))
		}
		answer, err := req.RecvString(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "Hello %d: %s\n", i+1, answer)
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("hello", flag.ContinueOnError)
	work := flags.Duration("work", time.Second, "how long the server works for an answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch endpoint := cmp.Or(flags.Arg(1), "tcp://127.0.0.1:5555"); flags.Arg(0) {
	case "server":
		err = server(ctx, out, endpoint, *work)
	case "client":
		err = client(ctx, out, endpoint)
	default:
		return errors.New("usage: hello [-work 1s] server|client [endpoint]")
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
