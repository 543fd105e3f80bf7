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
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch {
	case flag.Arg(0) == "server" && flag.NArg() == 3:
		server(ctx, flag.Arg(1), flag.Arg(2))
	case flag.Arg(0) == "client" && flag.NArg() > 1:
		client(ctx, flag.Args()[1:])
	default:
		log.Fatal("usage: fanin server name endpoint | client endpoint...")
	}
}

// server answers with its name.
func server(ctx context.Context, name, endpoint string) {
	rep := must(zmq.NewRep(ctx))
	defer rep.Close()
	must(rep.Bind(endpoint))
	for request, err := range rep.Messages(ctx) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		check(rep.SendString(ctx, request.PopString()+" was done by "+name))
	}
}

// client asks twice as often as there are servers.
func client(ctx context.Context, endpoints []string) {
	req := must(zmq.NewReq(ctx))
	defer req.Close()
	for _, e := range endpoints {
		check(req.Connect(e))
	}
	check(req.WaitConnected(ctx, len(endpoints)))
	for i := range 2 * len(endpoints) {
		check(req.SendString(ctx, fmt.Sprint("R", i+1)))
		fmt.Println(must(req.RecvString(ctx)))
	}
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
