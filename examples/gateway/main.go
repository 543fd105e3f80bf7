// Gateway stands before the servers of a game and deals the players' moves out to
// them, to each as many as to any other. Servers come by connecting, while it runs,
// and nothing is told or restarted. Among themselves they talk in a hall that the
// gateway keeps open: what one publishes there, all hear.
//
// This one deals a hundred moves a server when there are ten, and again when there
// are fifty. Then the game ends, and each server tells the others what it did.
//
//	go run ./examples/gateway deal 10 50
//	go run ./examples/gateway serve 10
//	go run ./examples/gateway serve 40
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"

	"github.com/go-zactor/zactor/zmq"
)

// places are where the gateway is: the servers get moves, talk and listen there.
type places struct{ moves, talk, listen string }

// deal waits for so many servers, deals, and waits for more.
func deal(ctx context.Context, out io.Writer, at places, servers []int) error {
	stop, err := openHall(ctx, at)
	if err != nil {
		return err
	}
	defer stop()
	mouth, ears, err := enter(ctx, at)
	if err != nil {
		return err
	}
	defer mouth.Close()
	defer ears.Close()
	push, err := zmq.NewPush(ctx)
	if err != nil {
		return err
	}
	defer push.Close()
	if _, err := push.Bind(at.moves); err != nil {
		return err
	}
	last := servers[len(servers)-1]
	for _, n := range servers {
		if err := push.WaitConnected(ctx, n); err != nil {
			return err
		}
		fmt.Fprintln(out, n, "servers are there")
		for i := range 100 * n {
			if err := push.SendString(ctx, "move", fmt.Sprint(i)); err != nil {
				return err
			}
		}
	}
	for range last { // strictly in turn: one for each
		if err := push.SendString(ctx, "end", fmt.Sprint(last)); err != nil {
			return err
		}
	}
	for range last {
		if _, err := ears.Recv(ctx); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	var at places
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.StringVar(&at.moves, "moves", "tcp://127.0.0.1:5570", "where the servers get moves")
	flags.StringVar(&at.talk, "talk", "tcp://127.0.0.1:5571", "where they talk")
	flags.StringVar(&at.listen, "listen", "tcp://127.0.0.1:5572", "where they listen")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var numbers []int // Arg is "" where there is none
	for i := 1; flags.Arg(i) != ""; i++ {
		n, err := strconv.Atoi(flags.Arg(i))
		if err != nil {
			return err
		}
		numbers = append(numbers, n)
	}
	switch {
	case flags.Arg(0) == "deal" && len(numbers) > 0:
		err = deal(ctx, out, at, numbers)
	case flags.Arg(0) == "serve" && len(numbers) == 1:
		err = serve(ctx, out, at, numbers[0])
	default:
		return errors.New("usage: gateway [flags] deal servers [servers...] | serve servers")
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
