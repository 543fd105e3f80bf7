// Actors shares work among actors: a PUSH hands out numbers, each worker takes
// those that come to it and PUSHes the squares on, and a PULL adds them up.
//
//	go run ./examples/actors
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zmq"
)

const (
	workers = 3
	numbers = 1000
)

// deal hands the numbers out, in turn, to the workers that are there.
func deal(ctx context.Context, tasks *zmq.Socket) error {
	for i := range numbers {
		if err := tasks.SendString(ctx, strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	return nil
}

// add adds the results up.
func add(ctx context.Context, out io.Writer, results *zmq.Socket) error {
	sum, done := 0, map[string]int{}
	for range numbers {
		m, err := results.Recv(ctx)
		if err != nil {
			return err
		}
		square, err := strconv.Atoi(m.PopString())
		if err != nil {
			return err
		}
		sum += square
		done[m.PopString()]++
	}
	fmt.Fprintf(out, "the squares from 1 to %d add up to %d; %d workers took part\n", numbers, sum, len(done))
	return nil
}

// bound opens a socket for others to connect to.
func bound(ctx context.Context, typ zmq.Type) (s *zmq.Socket, endpoint string, err error) {
	if s, err = zmq.New(ctx, typ); err == nil {
		endpoint, err = s.Bind("tcp://127.0.0.1:*")
	}
	return s, endpoint, err
}

func run(ctx context.Context, out io.Writer, _ []string) error {
	tasks, at, err := bound(ctx, zmq.Push)
	if err != nil {
		return err
	}
	defer tasks.Close()
	results, to, err := bound(ctx, zmq.Pull)
	if err != nil {
		return err
	}
	defer results.Close()
	for range workers {
		w, err := actor.Spawn(ctx, worker(at, to))
		if err != nil {
			return err
		}
		defer w.Close()
	}
	if err := tasks.WaitConnected(ctx, workers); err != nil {
		return err
	}
	parts, part := errgroup.WithContext(ctx)
	parts.Go(func() error { return deal(part, tasks) })
	parts.Go(func() error { return add(part, out, results) })
	err = parts.Wait()
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
