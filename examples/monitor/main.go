// Monitor watches what happens to the connections of a socket: who comes, who goes,
// and why. A program of today ranges over events; one that comes from libzmq may
// like its way better, a PAIR socket that delivers each event in two frames.
//
//	go run ./examples/monitor watch     # or: frames
//	go run ./examples/monitor visit
package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// shown is what we are told about; there is more.
const shown = zmq.EventListening | zmq.EventAccepted | zmq.EventHandshakeSucceeded | zmq.EventDisconnected

func watch(ctx context.Context, out io.Writer, endpoint string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	events := rep.Events(ctx, shown) // from here on
	if _, err := rep.Bind(endpoint); err != nil {
		return err
	}
	for e := range events {
		fmt.Fprintln(out, e.Kind, e.Endpoint)
	}
	return nil
}

// frames does the same with libzmq's monitor: a number of two bytes and a value of
// four, and the endpoint.
func frames(ctx context.Context, out io.Writer, endpoint string) error {
	pair, err := zmq.NewPair(ctx)
	if err != nil {
		return err
	}
	defer pair.Close()
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	if err := errors.Join(rep.MonitorSocket("inproc://monitor", shown), pair.Connect("inproc://monitor")); err != nil {
		return err
	}
	if _, err := rep.Bind(endpoint); err != nil {
		return err
	}
	for m, err := range pair.Messages(ctx) {
		if err != nil {
			return err
		}
		event := zmq.EventMask(binary.NativeEndian.Uint16(m.Pop()))
		fmt.Fprintln(out, event, m.PopString())
	}
	return nil
}

// visit connects and leaves.
func visit(ctx context.Context, endpoint string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	if err := req.Connect(endpoint); err != nil {
		return err
	}
	return req.WaitConnected(ctx, 1)
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	args = append(args, "", "")
	switch endpoint := cmp.Or(args[1], "tcp://127.0.0.1:5575"); args[0] {
	case "watch":
		err = watch(ctx, out, endpoint)
	case "frames":
		err = frames(ctx, out, endpoint)
	case "visit":
		err = visit(ctx, endpoint)
	default:
		return errors.New("usage: monitor watch|frames|visit [endpoint]")
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
