// Zloop is a program around a reactor: messages of a socket, timers, a channel and an actor
// of their own each have a handler, and all handlers run on one goroutine: what they share
// needs no lock. Here a counter of votes.
//
//	go run ./examples/zloop
//	zactor push -c :5555 -D yes -D no -D yes
package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// count adds votes up, and tells the result each second in which there were some, and what
// is typed as well. After a minute without votes it ends.
func count(ctx context.Context, out io.Writer, pull *zmq.Socket, typed <-chan string) error {
	loop, err := zloop.New(zloop.WithName("votes"))
	if err != nil {
		return err
	}
	defer loop.Close()
	votes, fresh := map[string]int{}, false
	quiet := loop.After(time.Minute, func() error {
		fmt.Fprintln(out, "a minute without votes")
		return zloop.ErrStop
	})
	vote := func(text string) {
		votes[text]++
		fresh = true
		quiet.Reset(time.Minute)
	}
	loop.Reader(pull, func(m msg.Msg) error {
		vote(m.PopString())
		return nil
	})
	zloop.Chan(loop, typed, func(line string) error {
		vote(line)
		return nil
	})
	loop.Every(time.Second, func() error {
		if fresh {
			fmt.Fprintln(out, votes)
		}
		fresh = false
		return nil
	})
	if err := loop.Run(ctx); ctx.Err() == nil {
		return err
	}
	return nil // Ctrl-C
}

func run(ctx context.Context, out io.Writer, args []string) error {
	pull, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer pull.Close()
	bound, err := pull.Bind(cmp.Or(append(args, "")[0], "tcp://127.0.0.1:5555"))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "votes come to", bound)
	return count(ctx, out, pull, lines(ctx))
}

// input is what is typed.
var input io.Reader = os.Stdin

// lines are those of the input. A terminal can't be interrupted: this ends with the
// process, or with the input.
func lines(ctx context.Context) <-chan string {
	c := make(chan string)
	go func() {
		for s := bufio.NewScanner(input); s.Scan(); {
			select {
			case c <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
