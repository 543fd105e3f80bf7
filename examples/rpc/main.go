// Rpc is a service that is called by name, with JSON for the arguments and the answer: over
// a broker, with as many workers as there are. Workers and brokers may die; a call asks
// again. (pattern/majordomo, whose workers may be in other languages.)
//
//	go run ./examples/rpc broker
//	go run ./examples/rpc worker
//	go run ./examples/rpc call 3 4
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/majordomo"
)

// Args and Reply are what a call says and hears. An error is part of the answer: one that
// the handler returned would be the worker's end.
type (
	Args  struct{ A, B int }
	Reply struct {
		Quotient int    `json:",omitempty"`
		Error    string `json:",omitempty"`
	}
)

func divide(_ context.Context, r *majordomo.Request) (msg.Msg, error) {
	var args Args
	var reply Reply
	switch err := json.Unmarshal(r.Body.Pop(), &args); {
	case err != nil:
		reply.Error = err.Error()
	case args.B == 0:
		reply.Error = "division by zero"
	default:
		reply.Quotient = args.A / args.B
	}
	b, err := json.Marshal(reply)
	return msg.New(b), err
}

func call(ctx context.Context, endpoint string, args Args) (reply Reply, err error) {
	client, err := majordomo.NewClient(ctx, []string{endpoint}, majordomo.WithAttempts(10))
	if err != nil {
		return reply, err
	}
	defer client.Close()
	b, err := json.Marshal(args)
	if err != nil {
		return reply, err
	}
	m, err := client.Call(ctx, "divide", msg.New(b))
	if err != nil {
		return reply, err
	}
	return reply, json.Unmarshal(m.Pop(), &reply)
}

func run(ctx context.Context, out io.Writer, args []string) error {
	const endpoint = "tcp://127.0.0.1:5555"
	switch {
	case len(args) == 1 && args[0] == "broker":
		broker, err := majordomo.NewBroker(majordomo.WithBind(endpoint))
		if err != nil {
			return err
		}
		return broker.Run(ctx)
	case len(args) == 1 && args[0] == "worker":
		worker, err := majordomo.NewWorker(endpoint, "divide", divide)
		if err != nil {
			return err
		}
		return worker.Run(ctx)
	case len(args) == 3 && args[0] == "call":
		a, err := strconv.Atoi(args[1])
		b, err2 := strconv.Atoi(args[2])
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		reply, err := call(ctx, endpoint, Args{a, b})
		fmt.Fprintf(out, "%+v\n", reply)
		return err
	}
	return errors.New("usage: rpc broker | worker | call A B")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
