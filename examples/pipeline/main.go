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
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

var (
	tasksAt = flag.String("tasks", "tcp://127.0.0.1:5557", "where the ventilator deals tasks out")
	sinkAt  = flag.String("sink", "tcp://127.0.0.1:5558", "where the sink is")
	n       = flag.Int("n", 100, "how many tasks there are")
	longest = flag.Int("longest", 100, "of a task, in milliseconds")
	workers = flag.Int("workers", 1, "how many workers the ventilator waits for")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch flag.Arg(0) {
	case "ventilator":
		ventilator(ctx)
	case "worker":
		worker(ctx)
	case "sink":
		sink(ctx)
	default:
		log.Fatal("usage: pipeline [flags] ventilator|worker|sink")
	}
}

func ventilator(ctx context.Context) {
	tasks, start := must(zmq.NewPush(ctx)), must(zmq.NewPush(ctx))
	defer tasks.Close() // waits until all have been sent
	defer start.Close()
	must(tasks.Bind(*tasksAt))
	check(start.Connect(*sinkAt))
	check(tasks.WaitConnected(ctx, *workers)) // tasks go to those who are there
	check(start.SendString(ctx, "0"))
	var total int
	for range *n {
		cost := 1 + rand.IntN(*longest)
		total += cost
		check(tasks.SendString(ctx, fmt.Sprint(cost)))
	}
	fmt.Println("expected cost:", total, "ms")
}

// sink measures how long it takes until all results are there.
func sink(ctx context.Context) {
	results := must(zmq.NewPull(ctx))
	defer results.Close()
	must(results.Bind(*sinkAt))
	must(results.Recv(ctx)) // the start
	started := time.Now()
	for range *n {
		must(results.Recv(ctx))
	}
	fmt.Println("elapsed:", time.Since(started).Milliseconds(), "ms")
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	switch {
	case errors.Is(err, context.Canceled): // Ctrl-C, which is no failure
		os.Exit(0)
	case err != nil:
		log.Fatal(err)
	}
}
