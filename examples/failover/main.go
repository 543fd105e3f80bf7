// Failover is a client that needs no address and survives its servers: it finds them by
// their beacons, asks one, and moves on to the next when that one does not answer.
// Servers come and go as they like.
//
//	go run ./examples/failover server one       (and two, and three, on any machine)
//	go run ./examples/failover client
//	go run ./examples/failover -local ...       (all on one machine)
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
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/zmq"
)

// client goes from server to server, and loses no question on the way.
func client(ctx context.Context, out io.Writer, r *beacon.Roster, wait time.Duration) (err error) {
	x := 1
	for turn := 0; ctx.Err() == nil; turn++ {
		for range r.Events(ctx) { // goes on at once if there are some, else when one comes
			if servers := r.Peers(); len(servers) > 0 {
				if x, err = ask(ctx, out, servers[turn%len(servers)], x, wait); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// ask asks a server for one square after the other, as long as it answers, and returns
// what it has not answered. A REQ that still waits for an answer is of no more use: the
// next server gets a new one.
func ask(ctx context.Context, out io.Writer, s beacon.Entry, x int, wait time.Duration) (int, error) {
	req, err := zmq.NewReq(ctx, zmq.WithLinger(0), zmq.WithSendTimeout(wait), zmq.WithRecvTimeout(wait))
	if err != nil {
		return x, err
	}
	defer req.Close()
	if err := req.Connect(s.Endpoints[0]); err != nil {
		return x, err
	}
	for ; ; x++ {
		_ = req.SendString(ctx, strconv.Itoa(x)) // if not, there is no answer
		answer, err := req.RecvString(ctx)
		if ctx.Err() != nil {
			return x, nil
		}
		if err != nil {
			fmt.Fprintln(out, s.ID, "does not answer")
			return x, nil
		}
		fmt.Fprintf(out, "%s says that %d squared is %q\n", s.ID, x, answer)
		time.Sleep(wait / 10)
	}
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("failover", flag.ContinueOnError)
	local := flags.Bool("local", false, "meet those of this machine only")
	port := flags.Int("port", 5680, "the UDP port on which all meet")
	wait := flags.Duration("wait", time.Second, "how long an answer may take")
	if err := flags.Parse(args); err != nil {
		return err
	}
	opts := []beacon.Option{beacon.WithPort(*port)}
	if *local {
		opts = append(opts, beacon.WithLoopback(true))
	}
	udp, err := beacon.NewUDP(ctx, nil, opts...)
	if err != nil {
		return err
	}
	// mdns.New here is a second way to find each other, and gossip a third.
	r := beacon.NewRoster(ctx, udp)
	defer r.Close()
	switch {
	case flags.Arg(0) == "server" && flags.NArg() == 2:
		err = server(ctx, out, r, flags.Arg(1), "tcp://*:*")
	case flags.Arg(0) == "client":
		err = client(ctx, out, r, *wait)
	default:
		return errors.New("usage: failover [-local] server NAME | failover [-local] client")
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
