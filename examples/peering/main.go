// Peering is the broker to broker router of the Guide (peering3): clusters, each with
// clients, workers and a broker. Work is done at home while a worker is free there, and
// else by a cluster that has said that it has free ones.
//
//	go run ./examples/peering /tmp DC1 DC2 DC3
//	go run ./examples/peering /tmp DC2 DC1 DC3
//	go run ./examples/peering /tmp DC3 DC1 DC2
//
// The first argument is a folder for the sockets of all. Clusters on other machines need
// tcp, and CURVE; where they are to find each other, see packages zyre and gossip.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/go-zactor/zactor/zmq"
)

const clients, workers = 6, 2

// place is where a cluster has one of its sockets.
func place(dir, cluster, socket string) string {
	return "ipc://" + filepath.Join(dir, cluster+"-"+socket)
}

// client asks, waits for the answer, and rests a little. Where clusters fail it would be a
// Lazy Pirate, which asks again.
func client(ctx context.Context, out io.Writer, front string, n int) error {
	req, err := zmq.NewReq(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer req.Close()
	if err := req.Connect(front); err != nil {
		return err
	}
	for i := 0; ctx.Err() == nil; i++ {
		if err := req.SendString(ctx, fmt.Sprintf("task %d.%d", n, i)); err != nil {
			return err
		}
		answer, err := req.Recv(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s was done in %s\n", answer.PopString(), answer.PopString())
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
	}
	return nil
}

// worker says that it is ready, and then does what it is given; its answer says where.
func worker(ctx context.Context, back, name string) error {
	req, err := zmq.NewReq(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer req.Close()
	if err := errors.Join(req.Connect(back), req.SendString(ctx, ready)); err != nil {
		return err
	}
	for m, err := range req.Messages(ctx) {
		if err != nil {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		m.AppendString(name)
		if err := req.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// run is one cluster.
func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: peering DIR NAME PEER [PEER]")
	}
	dir, name := args[0], args[1]
	b, err := newBroker(ctx, dir, name, args[2:])
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Fprintln(out, name, "is there")
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() error { return b.serve(ctx) })
	for n := range clients {
		parts.Go(func() error { return client(ctx, out, place(dir, name, "localfe"), n) })
	}
	for range workers {
		parts.Go(func() error { return worker(ctx, place(dir, name, "localbe"), name) })
	}
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
