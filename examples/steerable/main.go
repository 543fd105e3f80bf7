// Steerable is a proxy that obeys: it can be paused, resumed, asked for its counters
// and ended from another process, by the commands of libzmq's steerable proxy.
//
//	go run ./examples/steerable proxy
//	go run ./examples/steerable tell PAUSE      # or RESUME, STATISTICS, TERMINATE
//	go run ./examples/steerable push
//	go run ./examples/steerable pull
package main

import (
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

var (
	front   = flag.String("front", "tcp://127.0.0.1:5576", "where the proxy pulls")
	back    = flag.String("back", "tcp://127.0.0.1:5577", "where it pushes")
	control = flag.String("control", "tcp://127.0.0.1:5578", "where it takes commands")
	n       = flag.Int("n", 10, "how many messages are pushed or pulled")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch flag.Arg(0) {
	case "proxy":
		proxy(ctx)
	case "tell":
		tell(ctx, flag.Arg(1))
	case "push":
		push(ctx)
	case "pull":
		pull(ctx)
	default:
		log.Fatal("usage: steerable [flags] proxy|push|pull | tell command")
	}
}

func proxy(ctx context.Context) {
	in, out, commands := must(zmq.NewPull(ctx)), must(zmq.NewPush(ctx)), must(zmq.NewRep(ctx))
	defer in.Close()
	defer out.Close()
	defer commands.Close()
	must(in.Bind(*front))
	must(out.Bind(*back))
	must(commands.Bind(*control))
	p := zmq.NewProxy(in, out, nil) // has methods Pause, Resume, ..., too
	p.Control(commands)
	check(p.Run(ctx))
	fmt.Println("terminated")
}

// tell sends a command. The answer is empty, but for STATISTICS: messages and bytes
// received, messages and bytes sent, by the front and then by the back.
func tell(ctx context.Context, command string) {
	req := must(zmq.NewReq(ctx))
	defer req.Close()
	check(req.Connect(*control))
	check(req.SendString(ctx, command))
	fmt.Print(command, ":")
	for _, f := range must(req.Recv(ctx)).Frames {
		if len(f) == 8 {
			fmt.Print(" ", binary.NativeEndian.Uint64(f))
		}
	}
	fmt.Println()
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
