// Testing is a program and, above all, its test: main_test.go plays ten minutes of
// operation, with a slow network, sensors that are cut off and cables that are pulled, in
// some milliseconds, without a network and without waiting for the clock. (zmqtest,
// testing/synctest)
//
//	go run ./examples/testing watch
//	go run ./examples/testing sensor kitchen
//	go test ./examples/testing
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

	"github.com/go-zactor/zactor/zmq"
)

// A sensor tells its value each second. One that has told nothing for ten is missed.
const (
	interval = time.Second
	patience = 10 * time.Second
)

func sensor(ctx context.Context, name, endpoint string) error {
	pub, err := zmq.NewPub(ctx, zmq.WithLinger(0))
	if err != nil {
		return err
	}
	defer pub.Close()
	if err := pub.Connect(endpoint); err != nil {
		return err
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			if err := pub.SendString(ctx, name, now.Format(time.TimeOnly)); err != nil && ctx.Err() == nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// watch says which sensors there are, which are missed, and which are back.
func watch(ctx context.Context, out io.Writer, endpoint string) error {
	// The kernel does not tell of a cable that is pulled; heartbeats do, to both sides, and the
	// sensor dials again.
	sub, err := zmq.NewSub(ctx, zmq.WithHeartbeat(patience/2, 0, patience))
	if err != nil {
		return err
	}
	defer sub.Close()
	_, err = sub.Bind(endpoint)
	if err := errors.Join(err, sub.Subscribe("")); err != nil {
		return err
	}
	type state struct {
		heard  time.Time
		missed bool
	}
	sensors := map[string]*state{}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for readings := sub.Chan(ctx); ; {
		select {
		case m := <-readings:
			if m.Len() == 0 {
				return nil // Ctrl-C
			}
			name := m.PopString()
			s := sensors[name]
			if s == nil || s.missed {
				fmt.Fprintln(out, name, "is there")
			}
			sensors[name] = &state{heard: time.Now()}
		case now := <-tick.C:
			for name, s := range sensors {
				if !s.missed && now.Sub(s.heard) > patience {
					s.missed = true
					fmt.Fprintln(out, name, "is missed")
				}
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "", "")
	const here = "tcp://127.0.0.1:5555"
	switch {
	case args[0] == "watch":
		return watch(ctx, out, cmp.Or(args[1], here))
	case args[0] == "sensor" && args[1] != "":
		return sensor(ctx, args[1], cmp.Or(args[2], here))
	}
	return errors.New("usage: testing watch [ENDPOINT] | sensor NAME [ENDPOINT]")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
