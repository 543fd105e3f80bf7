// Spqueue is the Simple Pirate of the Guide (spqueue, spworker): a queue between clients
// and workers, which gives each request to the worker that has waited longest. Workers
// say that they are ready and are forgotten when they are lost. A client whose request was
// lost with a worker asks again: it is a Lazy Pirate (pattern/lazypirate).
//
//	go run ./examples/spqueue queue
//	go run ./examples/spqueue worker
//	go run ./examples/spqueue client 10
//
// pattern/majordomo is the same with services by name, heartbeats, bounds, and requests
// of lost workers that the broker itself gives to others.
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
	"strconv"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/zmq"
)

const ready = "READY"

// queue has two ROUTERs, one for each side, and a list of the workers that wait.
func queue(ctx context.Context, out io.Writer, front, back string) error {
	clients, err := zmq.NewRouter(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer clients.Close()
	workers, err := zmq.NewRouter(ctx, zmq.WithRouterMandatory(true), zmq.WithLinger(0)) // a lost one is an error
	if err != nil {
		return err
	}
	defer workers.Close()
	_, err = clients.Bind(front)
	_, err2 := workers.Bind(back)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	fmt.Fprintln(out, "queue", front, back)
	var waiting [][]byte
	requests, answers := clients.Chan(ctx), workers.Chan(ctx)
	for {
		from := requests
		if len(waiting) == 0 {
			from = nil // without a worker requests wait in their socket
		}
		select {
		case m := <-from:
			if ctx.Err() != nil {
				return nil
			}
			for len(waiting) > 0 {
				try := m
				try.Wrap(waiting[0]) // the worker, an empty frame
				waiting = waiting[1:]
				if err := workers.Send(ctx, try); err == nil || !errors.Is(err, zmq.ErrHostUnreachable) {
					break
				}
			}
		case m := <-answers: // or READY
			if ctx.Err() != nil {
				return nil
			}
			waiting = append(waiting, m.Unwrap())
			if len(m.Frames) > 1 {
				_ = clients.Send(ctx, m) // a client that has left is no error
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// worker is a REQ: it says READY, and then answers what it is given.
func worker(ctx context.Context, out io.Writer, back string) error {
	req, err := zmq.NewReq(ctx, zmq.WithLinger(time.Second))
	if err != nil {
		return err
	}
	defer req.Close()
	if err := errors.Join(req.Connect(back), req.SendString(ctx, ready)); err != nil {
		return err
	}
	fmt.Fprintln(out, "worker is ready")
	for m, err := range req.Messages(ctx) {
		if err != nil {
			break
		}
		fmt.Fprintln(out, "works on", string(m.Frames[len(m.Frames)-1]))
		if err := req.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// client asks n questions. Each attempt has a second.
func client(ctx context.Context, out io.Writer, n int, front string) error {
	caller, err := lazypirate.New(ctx, []string{front}, lazypirate.WithTimeout(time.Second), lazypirate.WithAttempts(30))
	if err != nil {
		return err
	}
	defer caller.Close()
	for i := range n {
		answer, err := caller.Call(ctx, msg.NewString(fmt.Sprint("request ", i)))
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "answered:", answer.PopString())
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) error {
	const front, back = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"
	args = append(args, "", "", "")
	switch args[0] {
	case "queue":
		return queue(ctx, out, cmp.Or(args[1], front), cmp.Or(args[2], back))
	case "worker":
		return worker(ctx, out, cmp.Or(args[1], back))
	case "client":
		n, err := strconv.Atoi(cmp.Or(args[1], "10"))
		if err == nil {
			err = client(ctx, out, n, cmp.Or(args[2], front))
		}
		return err
	}
	return errors.New("usage: spqueue queue [FRONT BACK] | worker [BACK] | client [N FRONT]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
