// Broadcast is a worker with two tasks at once: it takes commands of two parts,
// tells everybody who listens about each, and answers whoever sent it. One goroutine
// does both; a socket for each is all it takes.
//
//	go run ./examples/broadcast worker
//	go run ./examples/broadcast listener            # as many as you like
//	go run ./examples/broadcast command open door
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

var (
	commands  = flag.String("commands", "tcp://127.0.0.1:5573", "where the worker takes commands")
	news      = flag.String("news", "tcp://127.0.0.1:5574", "where it publishes")
	listeners = flag.Int("listeners", 0, "how many listeners the worker waits for")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch flag.Arg(0) {
	case "worker":
		worker(ctx)
	case "listener":
		listener(ctx)
	case "command":
		command(ctx, flag.Args()[1:])
	default:
		log.Fatal("usage: broadcast [flags] worker|listener | command part part")
	}
}

func worker(ctx context.Context) {
	rep, pub := must(zmq.NewRep(ctx)), must(zmq.NewPub(ctx))
	defer rep.Close()
	defer pub.Close()
	must(pub.Bind(*news))
	check(pub.WaitSubscribers(ctx, "msg", *listeners))
	must(rep.Bind(*commands))
	for cmd, err := range rep.Messages(ctx) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		if cmd.Len() != 2 {
			check(rep.SendString(ctx, "a command has two parts"))
			continue
		}
		check(pub.Send(ctx, msg.New([]byte("msg"), cmd.Frames[0], cmd.Frames[1])))
		check(rep.SendString(ctx, "OK"))
	}
}

func listener(ctx context.Context) {
	sub := must(zmq.NewSub(ctx))
	defer sub.Close()
	check(sub.Subscribe("msg"))
	check(sub.Connect(*news))
	for m, err := range sub.Messages(ctx) {
		if err != nil {
			return // interrupted
		}
		fmt.Printf("%q\n", m.Frames)
	}
}

func command(ctx context.Context, parts []string) {
	req := must(zmq.NewReq(ctx))
	defer req.Close()
	check(req.Connect(*commands))
	check(req.SendString(ctx, parts...))
	fmt.Println(must(req.RecvString(ctx)))
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
