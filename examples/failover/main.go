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
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/zmq"
)

var (
	local = flag.Bool("local", false, "meet those of this machine only")
	port  = flag.Int("port", 5680, "the UDP port on which all meet")
	wait  = flag.Duration("wait", time.Second, "how long an answer may take")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	opts := []beacon.Option{beacon.WithPort(*port)}
	if *local {
		opts = append(opts, beacon.WithLoopback(true))
	}
	// mdns.New here is a second way to find each other, and gossip a third.
	r := beacon.NewRoster(ctx, must(beacon.NewUDP(ctx, nil, opts...)))
	defer r.Close()
	switch {
	case flag.Arg(0) == "server" && flag.NArg() == 2:
		server(ctx, r, flag.Arg(1))
	case flag.Arg(0) == "client":
		client(ctx, r)
	default:
		log.Fatal("usage: failover [-local] server NAME | failover [-local] client")
	}
}

// client goes from server to server, and loses no question on the way.
func client(ctx context.Context, r *beacon.Roster) {
	x := 1
	for turn := 0; ctx.Err() == nil; turn++ {
		for range r.Events(ctx) { // goes on at once if there are some, else when one comes
			if servers := r.Peers(); len(servers) > 0 {
				x = ask(ctx, servers[turn%len(servers)], x)
				break
			}
		}
	}
}

// ask asks a server for one square after the other, as long as it answers, and returns
// what it has not answered. A REQ that still waits for an answer is of no more use: the
// next server gets a new one.
func ask(ctx context.Context, s beacon.Entry, x int) int {
	req := must(zmq.NewReq(ctx, zmq.WithLinger(0), zmq.WithSendTimeout(*wait), zmq.WithRecvTimeout(*wait)))
	defer req.Close()
	check(req.Connect(s.Endpoints[0]))
	for ; ; x++ {
		_ = req.SendString(ctx, strconv.Itoa(x)) // if not, there is no answer
		answer, err := req.RecvString(ctx)
		if ctx.Err() != nil {
			return x
		}
		if err != nil {
			fmt.Println(s.ID, "does not answer")
			return x
		}
		fmt.Printf("%s says that %d squared is %q\n", s.ID, x, answer)
		time.Sleep(*wait / 10)
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
