// Configcentre hands a configuration to a fixed set of workers. Each worker first
// subscribes, then reports its name, again and again; when all on the centre's list
// have come, the centre publishes the configuration to all of them at once. Who is
// not on the list is told so. A worker that was away when it was published gets it
// with the answer to its next report, and a centre that was restarted soon knows
// again who is there.
//
//	go run ./examples/configcentre centre ann,bob
//	go run ./examples/configcentre worker ann
//	go run ./examples/configcentre worker bob
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"strings"
	"time"
)

var (
	reports  = flag.String("reports", "tcp://127.0.0.1:5566", "where workers report")
	configs  = flag.String("configs", "tcp://127.0.0.1:5567", "where the configuration is published")
	interval = flag.Duration("interval", time.Second, "how often a worker reports")
)

// config is what the workers are given. It travels as JSON.
type config struct {
	Version int      `json:"version"`
	Rate    float64  `json:"rate"`
	Workers []string `json:"workers"`
}

const (
	topic    = "config"
	welcome  = "Welcome!"
	stranger = "You are a stranger!"
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch who := flag.Arg(1); {
	case flag.Arg(0) == "centre" && who != "":
		centre(ctx, strings.Split(who, ","))
	case flag.Arg(0) == "worker" && who != "":
		worker(ctx, who)
	default:
		log.Fatal("usage: configcentre [flags] centre name,name,... | worker name")
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
