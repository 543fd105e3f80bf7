// Pipeline shares work: a ventilator deals a hundred tasks out to the workers that are
// there, and a sink waits for all the results. Twice the workers take half the time.
//
//	go run ./examples/pipeline sink
//	go run ./examples/pipeline worker        # as many as you like
//	go run ./examples/pipeline [-workers 2] ventilator
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// config is what all three have to agree on.
type config struct {
	tasks, sink         string // endpoints
	n, longest, workers int
}

func ventilator(ctx context.Context, out io.Writer, c config) error {
	tasks, err := zmq.NewPush(ctx)
	if err != nil {
		return err
	}
	defer tasks.Close() // waits until all have been sent
	start, err := zmq.NewPush(ctx)
	if err != nil {
		return err
	}
	defer start.Close()
	if _, err := tasks.Bind(c.tasks); err != nil {
		return err
	}
	if err := start.Connect(c.sink); err != nil {
		return err
	}
	if err := tasks.WaitConnected(ctx, c.workers); err != nil { // tasks go to those who are there
		return err
	}
	if err := start.SendString(ctx, "0"); err != nil {
		return err
	}
	var total int
	for range c.n {
		cost := 1 + rand.IntN(c.longest)
		total += cost
		if err := tasks.SendString(ctx, fmt.Sprint(cost)); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "expected cost:", total, "ms")
	return nil
}

// sink measures how long it takes until all results are there.
func sink(ctx context.Context, out io.Writer, c config) error {
	results, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer results.Close()
	if _, err := results.Bind(c.sink); err != nil {
		return err
	}
	if _, err := results.Recv(ctx); err != nil { // the start
		return err
	}
	started := time.Now()
	for range c.n {
		if _, err := results.Recv(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "elapsed:", time.Since(started).Milliseconds(), "ms")
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	var c config
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	flags.StringVar(&c.tasks, "tasks", "tcp://127.0.0.1:5557", "where the ventilator deals tasks out")
	flags.StringVar(&c.sink, "sink", "tcp://127.0.0.1:5558", "where the sink is")
	flags.IntVar(&c.n, "n", 100, "how many tasks there are")
	flags.IntVar(&c.longest, "longest", 100, "of a task, in milliseconds")
	flags.IntVar(&c.workers, "workers", 1, "how many workers the ventilator waits for")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "ventilator":
		err = ventilator(ctx, out, c)
	case "worker":
		err = worker(ctx, c)
	case "sink":
		err = sink(ctx, out, c)
	default:
		return errors.New("usage: pipeline [flags] ventilator|worker|sink")
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
