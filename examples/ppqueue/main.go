// Ppqueue is the Paranoid Pirate of the Guide (ppqueue, ppworker): the Simple Pirate with
// heartbeats between queue and workers, by which each side finds out that the other one
// hangs, or is cut off without a word.
//
//	go run ./examples/ppqueue queue
//	go run ./examples/ppqueue worker
//	go run ./examples/spqueue client 10
//
// zmq.WithHeartbeat finds dead connections for any socket, without a line of code, but not
// a program that hangs: its connections answer. pattern/majordomo has these heartbeats.
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
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// The words of PPP, https://rfc.zeromq.org/spec/6. Who is silent for three intervals is gone.
const (
	ready     = "\x01"
	heartbeat = "\x02"
	interval  = time.Second
	liveness  = 3
)

// worker says READY and then a heartbeat each second. When its queue is silent it begins
// anew, on a new socket.
func worker(ctx context.Context, out io.Writer, back string) error {
	for ctx.Err() == nil {
		if err := attend(ctx, out, back); err != nil {
			return err
		}
	}
	return nil
}

func attend(ctx context.Context, out io.Writer, back string) error {
	dealer, err := zmq.NewDealer(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer dealer.Close()
	if err := errors.Join(dealer.Connect(back), dealer.SendString(ctx, ready)); err != nil {
		return err
	}
	fmt.Fprintln(out, "worker is ready")
	beat := time.NewTicker(interval)
	defer beat.Stop()
	for heard := time.Now(); ; {
		select {
		case m := <-dealer.Chan(ctx):
			if ctx.Err() != nil {
				return nil
			}
			heard = time.Now()
			if m.Len() > 1 { // not a heartbeat
				fmt.Fprintln(out, "works on", string(m.Frames[m.Len()-1]))
				if err := dealer.Send(ctx, m); err != nil {
					return err
				}
			}
		case now := <-beat.C:
			if now.Sub(heard) > liveness*interval {
				fmt.Fprintln(out, "the queue is silent")
				return nil
			}
			_ = dealer.TrySend(msg.NewString(heartbeat))
		case <-ctx.Done():
			return nil
		}
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	const front, back = "tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"
	args = append(args, "", "", "")
	switch args[0] {
	case "queue":
		return queue(ctx, out, cmp.Or(args[1], front), cmp.Or(args[2], back))
	case "worker":
		return worker(ctx, out, cmp.Or(args[1], back))
	}
	return errors.New("usage: ppqueue queue [FRONT BACK] | worker [BACK]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
