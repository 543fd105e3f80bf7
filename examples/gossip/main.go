// Gossip is a table on every node, without a server: what one node says of itself all get
// to know, also those that come later, and when it is gone it is taken out. A few nodes
// bind, the others connect to one of them.
//
//	go run ./examples/gossip ann tcp://127.0.0.1:5670
//	go run ./examples/gossip bob "" tcp://127.0.0.1:5670
//
// Where all read and write much, and a write is to be acknowledged, pattern/clone has a
// server. Between networks, beacon/members watches over who is alive: see examples/members.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/go-zactor/zactor/gossip"
)

const ttl = 10 * time.Second

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) < 1 {
		return errors.New("usage: gossip NAME [BIND [CONNECT...]]")
	}
	node, err := gossip.New(ctx)
	if err != nil {
		return err
	}
	defer node.Close()
	for i, endpoint := range args[1:] {
		switch {
		case endpoint == "":
		case i == 0:
			_, err = node.Bind(endpoint)
		default:
			err = node.Connect(endpoint) // who is not there yet is tried again
		}
		if err != nil {
			return err
		}
	}
	events := node.Chan(ctx)
	again := time.NewTicker(ttl / 3)
	defer again.Stop()
	for key, n := "node/"+args[0], 1; ; {
		// It is said again before its time is over: so it stays while this node lives.
		if err := node.Publish(key, fmt.Sprint("said ", n), ttl); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case e := <-events:
			switch e.Kind {
			case gossip.Found:
				fmt.Fprintln(out, e.Key, "is there")
			case gossip.Lost:
				fmt.Fprintln(out, e.Key, "has gone")
			}
		case <-again.C:
			n++
		case <-ctx.Done():
			return nil
		}
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
