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
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// config is where the proxy pulls, pushes, and takes commands, and how many messages
// are pushed or pulled.
type config struct {
	front, back, control string
	n                    int
}

func proxy(ctx context.Context, out io.Writer, c config) error {
	var sockets [3]*zmq.Socket
	for i, at := range []string{c.front, c.back, c.control} {
		s, err := zmq.New(ctx, []zmq.Type{zmq.Pull, zmq.Push, zmq.Rep}[i])
		if err != nil {
			return err
		}
		defer s.Close()
		if _, err := s.Bind(at); err != nil {
			return err
		}
		sockets[i] = s
	}
	p := zmq.NewProxy(sockets[0], sockets[1], nil) // has methods Pause, Resume, ..., too
	p.Control(sockets[2])
	if err := p.Run(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, "terminated")
	return nil
}

// tell sends a command. The answer is empty, but for STATISTICS: messages and bytes
// received, messages and bytes sent, by the front and then by the back.
func tell(ctx context.Context, out io.Writer, c config, command string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	if err := errors.Join(req.Connect(c.control), req.SendString(ctx, command)); err != nil {
		return err
	}
	answer, err := req.Recv(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(out, command, ":")
	for _, f := range answer.Frames {
		if len(f) == 8 {
			fmt.Fprint(out, " ", binary.NativeEndian.Uint64(f))
		}
	}
	fmt.Fprintln(out)
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	var c config
	flags := flag.NewFlagSet("steerable", flag.ContinueOnError)
	flags.StringVar(&c.front, "front", "tcp://127.0.0.1:5576", "where the proxy pulls")
	flags.StringVar(&c.back, "back", "tcp://127.0.0.1:5577", "where it pushes")
	flags.StringVar(&c.control, "control", "tcp://127.0.0.1:5578", "where it takes commands")
	flags.IntVar(&c.n, "n", 10, "how many messages are pushed or pulled")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "proxy":
		err = proxy(ctx, out, c)
	case "tell":
		err = tell(ctx, out, c, flags.Arg(1))
	case "push":
		err = push(ctx, c)
	case "pull":
		err = pull(ctx, out, c)
	default:
		return errors.New("usage: steerable [flags] proxy|push|pull | tell command")
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
