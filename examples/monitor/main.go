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
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// shown is what we are told about; there is more.
const shown = zmq.EventListening | zmq.EventAccepted | zmq.EventHandshakeSucceeded | zmq.EventDisconnected

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch endpoint := cmp.Or(flag.Arg(1), "tcp://127.0.0.1:5575"); flag.Arg(0) {
	case "watch":
		watch(ctx, endpoint)
	case "frames":
		frames(ctx, endpoint)
	case "visit":
		visit(ctx, endpoint)
	default:
		log.Fatal("usage: monitor watch|frames|visit [endpoint]")
	}
}

func watch(ctx context.Context, endpoint string) {
	rep := must(zmq.NewRep(ctx))
	defer rep.Close()
	events := rep.Events(ctx, shown) // from here on
	must(rep.Bind(endpoint))
	for e := range events {
		fmt.Println(e.Kind, e.Endpoint)
	}
}

// frames does the same with libzmq's monitor: a number of two bytes and a value of
// four, and the endpoint.
func frames(ctx context.Context, endpoint string) {
	rep, pair := must(zmq.NewRep(ctx)), must(zmq.NewPair(ctx))
	defer pair.Close()
	defer rep.Close()
	check(rep.MonitorSocket("inproc://monitor", shown))
	check(pair.Connect("inproc://monitor"))
	must(rep.Bind(endpoint))
	for m, err := range pair.Messages(ctx) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		event := zmq.EventMask(binary.NativeEndian.Uint16(m.Pop()))
		fmt.Println(event, m.PopString())
	}
}

// visit connects and leaves.
func visit(ctx context.Context, endpoint string) {
	req := must(zmq.NewReq(ctx))
	defer req.Close()
	check(req.Connect(endpoint))
	check(req.WaitConnected(ctx, 1))
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
