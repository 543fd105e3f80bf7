// Shout answers every request in capitals: a whole program, with its test, which needs no
// network.
//
//	go run ./examples/shout
//	zactor req -c :5555 -D hello
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/go-zactor/zactor/zmq"
)

func run(ctx context.Context, endpoint string) error {
	rep, err := zmq.NewRep(ctx, zmq.WithName("shout"))
	if err != nil {
		return err
	}
	defer rep.Close()
	bound, err := rep.Bind(endpoint)
	if err != nil {
		return err
	}
	fmt.Println("listening on", bound)
	for m, err := range rep.Messages(ctx) {
		if err == nil {
			err = rep.SendString(ctx, strings.ToUpper(m.PopString()))
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return nil // Ctrl-C
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	endpoint := "tcp://127.0.0.1:5555"
	if len(os.Args) > 1 {
		endpoint = os.Args[1]
	}
	if err := run(ctx, endpoint); err != nil {
		log.Fatal(err)
	}
}
