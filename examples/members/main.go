// Members is a group across networks, where no broadcast goes: who knows one member knows
// all of them after a moment, with the endpoints at which they serve, and is told within
// seconds when one dies. (beacon/members, on hashicorp/memberlist)
//
//	go run ./examples/members ann 127.0.0.1:7946
//	go run ./examples/members bob 127.0.0.1:7947 127.0.0.1:7946
//
// It stands on a network of its own, UDP and TCP, and not on sockets: zmqtest does not
// reach it. On a LAN package zyre needs no addresses: see examples/chat.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/members"
	"github.com/go-zactor/zactor/zmq"
)

// key lets in who has it. In production it comes from where secrets are kept.
var key = []byte("sixteen bytes, k")

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: members NAME ADDRESS [SEED...]")
	}
	rep, err := zmq.NewRep(ctx) // what it serves
	if err != nil {
		return err
	}
	defer rep.Close()
	endpoint, err := rep.Bind("tcp://127.0.0.1:*")
	if err != nil {
		return err
	}
	m, err := members.New(ctx, members.WithBind(args[1]), members.WithSecretKey(key), members.WithSeeds(args[2:]...))
	if err != nil {
		return err
	}
	defer m.Close()
	events := m.Events(ctx)
	if err := m.Announce(ctx, beacon.Peer{ID: args[0], Endpoints: []string{endpoint}}); err != nil {
		return err
	}
	fmt.Fprintln(out, args[0], "listens at", m.Endpoint())
	for e := range events {
		switch e.Kind {
		case beacon.Found, beacon.Changed:
			fmt.Fprintln(out, e.Peer.ID, "serves at", e.Peer.Endpoints[0])
		case beacon.Lost:
			fmt.Fprintln(out, e.Peer.ID, "has gone")
		case beacon.Failed:
			return e.Err
		}
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
