// Handover is a server that is upgraded without a refused connection and without a lost
// message: the new process takes the endpoint over from the old one, which ends when the
// last client has gone over.
//
//	go run ./examples/handover
//	go run ./examples/handover    the new version, while the old one runs
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
	"path/filepath"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// open binds the endpoint, or takes it over from the older process that has it.
func open(ctx context.Context, pull *zmq.Socket, endpoint, path string) (string, error) {
	bound, err := pull.Bind(endpoint)
	if errors.Is(err, zmq.ErrAddrInUse) {
		return pull.TakeOver(ctx, path) // waits for it
	}
	return bound, err
}

// handOver waits for a successor. The path is free when the older process has left it.
func handOver(ctx context.Context, pull *zmq.Socket, endpoint, path string) error {
	for {
		err := pull.Handover(ctx, endpoint, path)
		if !errors.Is(err, zmq.ErrAddrInUse) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	args = append(args, "", "")
	endpoint := cmp.Or(args[0], "tcp://127.0.0.1:5555")
	path := cmp.Or(args[1], filepath.Join(os.TempDir(), "handover.sock"))
	pull, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer pull.Close()
	bound, err := open(ctx, pull, endpoint, path)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "serving", bound)
	serve, stop := context.WithCancel(ctx)
	handed := make(chan error, 1)
	go func() {
		handed <- handOver(ctx, pull, bound, path) // until a successor has it all
		stop()
	}()
	for m, err := range pull.Messages(serve) {
		if err != nil {
			break
		}
		fmt.Fprintln(out, m.PopString())
	}
	for { // what had arrived before the last one went
		m, err := pull.TryRecv()
		if err != nil {
			break
		}
		fmt.Fprintln(out, m.PopString())
	}
	if err := <-handed; !errors.Is(err, context.Canceled) {
		return err // nil: the successor has it
	}
	return nil // Ctrl-C
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
