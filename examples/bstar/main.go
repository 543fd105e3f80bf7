// Bstar is the Binary Star of the Guide: two servers, of which one answers. When it is
// gone, and clients say so by asking the other one, that takes over; the first one is the
// spare when it comes back.
//
//	go run ./examples/bstar primary
//	go run ./examples/bstar backup
//	go run ./examples/bstar client
//
// It is for machines that fail. To upgrade a server on one machine, Socket.Handover loses
// no connection and no message: see examples/handover. Where two servers may answer at
// once, pattern/lazypirate with both endpoints is enough.
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
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/zmq"
)

// serve is one of the two: it says its state at own, hears the other's, and answers.
func serve(ctx context.Context, out io.Writer, is state, front, own, peer string) error {
	clients, err := zmq.NewRouter(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer clients.Close()
	tells, err := zmq.NewPub(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer tells.Close()
	hears, err := zmq.NewSub(ctx)
	if err != nil {
		return err
	}
	defer hears.Close()
	_, err = clients.Bind(front)
	_, err2 := tells.Bind(own)
	if err := errors.Join(err, err2, hears.Subscribe(""), hears.Connect(peer)); err != nil {
		return err
	}
	f := &fsm{state: is, expires: time.Now().Add(2 * interval)}
	fmt.Fprintln(out, "it is", is)
	beat := time.NewTicker(interval)
	defer beat.Stop()
	requests, states := clients.Chan(ctx), hears.Chan(ctx)
	for said := is; ; {
		select {
		case m := <-requests:
			if m.Len() > 0 && f.ask(time.Now()) {
				_ = clients.TrySend(m) // who is not active says nothing
			}
		case m := <-states:
			if m.Len() > 0 {
				err = f.hear(time.Now(), state(m.PopString()))
			}
		case <-beat.C:
			err = tells.SendString(ctx, string(f.state))
		case <-ctx.Done():
			return nil
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if f.state != said {
			said = f.state
			fmt.Fprintln(out, "it is", said)
		}
	}
}

// client asks once a second, the one that answered last, or else the other one.
func client(ctx context.Context, out io.Writer, fronts ...string) error {
	caller, err := lazypirate.New(ctx, fronts, lazypirate.WithTimeout(interval), lazypirate.WithAttempts(30))
	if err != nil {
		return err
	}
	defer caller.Close()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for n := 1; ; n++ {
		answer, err := caller.Call(ctx, msg.NewString(fmt.Sprint("question ", n)))
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "answered:", answer.PopString())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	at := [4]string{"tcp://127.0.0.1:5001", "tcp://127.0.0.1:5002", "tcp://127.0.0.1:5003", "tcp://127.0.0.1:5004"}
	args = append(args, "", "", "", "", "")
	for i := range at {
		at[i] = cmp.Or(args[i+1], at[i])
	}
	switch args[0] {
	case "primary":
		return serve(ctx, out, primary, at[0], at[2], at[3])
	case "backup":
		return serve(ctx, out, backup, at[1], at[3], at[2])
	case "client":
		return client(ctx, out, at[0], at[1])
	}
	return errors.New("usage: bstar primary|backup|client [FRONT FRONT2 STATE STATE2]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
