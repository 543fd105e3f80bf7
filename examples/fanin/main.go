// Fanin is one client of many servers: a REQ that is connected to all of them asks
// one after the other, so that each has its share of the work.
//
//	go run ./examples/fanin server A tcp://127.0.0.1:5580
//	go run ./examples/fanin server B tcp://127.0.0.1:5581
//	go run ./examples/fanin server C tcp://127.0.0.1:5582
//	go run ./examples/fanin client tcp://127.0.0.1:5580 tcp://127.0.0.1:5581 tcp://127.0.0.1:5582
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// server answers with its name.
func server(ctx context.Context, name, endpoint string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	if _, err := rep.Bind(endpoint); err != nil {
		return err
	}
	for request, err := range rep.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := rep.SendString(ctx, request.PopString()+" was done by "+name); err != nil {
			return err
		}
	}
	return nil
}

// client asks twice as often as there are servers.
func client(ctx context.Context, out io.Writer, endpoints []string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	for _, e := range endpoints {
		if err := req.Connect(e); err != nil {
			return err
		}
	}
	if err := req.WaitConnected(ctx, len(endpoints)); err != nil {
		return err
	}
	for i := range 2 * len(endpoints) {
		if err := req.SendString(ctx, fmt.Sprint("R", i+1)); err != nil {
			return err
		}
		answer, err := req.RecvString(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, answer)
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	switch {
	case len(args) == 3 && args[0] == "server":
		err = server(ctx, args[1], args[2])
	case len(args) > 1 && args[0] == "client":
		err = client(ctx, out, args[1:])
	default:
		return errors.New("usage: fanin server name endpoint | client endpoint [endpoint]")
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
