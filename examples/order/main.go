// Order is a state machine: an order is open, paid, shipped or cancelled, each state is
// a handler, and Become goes from one to the next. What comes too early is put aside
// (Stash), what comes too late is refused, and an order that is not paid in time is
// cancelled (After).
//
//	go run ./examples/order -pay 1m
//	ship
//	pay
//	state
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/go-zactor/zactor/actor"
)

func run(ctx context.Context, in io.Reader, out io.Writer, patience time.Duration) error {
	o, err := actor.New(ctx, order(patience, func(s string) { fmt.Fprintln(out, s) }))
	if err != nil {
		return err
	}
	defer o.Close()
	lines := make(chan string)
	go func() { // reading can't be interrupted: it ends with the program
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok {
				return o.Shutdown(ctx) // what was said is done first
			}
			if err := say(ctx, o, out, line); err != nil {
				return err
			}
		}
	}
}

// say tells the order what a line says, or asks it.
func say(ctx context.Context, o *actor.Ref[any], out io.Writer, line string) error {
	switch line {
	case "pay":
		return o.Tell(ctx, Pay{})
	case "ship":
		return o.Tell(ctx, Ship{})
	case "cancel":
		return o.Tell(ctx, Cancel{})
	case "state":
		state, err := actor.Ask(ctx, o, &State{})
		if err == nil {
			fmt.Fprintln(out, "it is", state)
		}
		return err
	}
	fmt.Fprintln(out, "say pay, ship, cancel or state")
	return nil
}

func main() {
	patience := flag.Duration("pay", time.Minute, "in what time the order is to be paid")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdin, os.Stdout, *patience); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}
