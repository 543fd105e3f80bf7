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
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"time"
)

// places are where the centre is, and how often a worker reports.
type places struct {
	reports, configs string
	interval         time.Duration
}

// config is what the workers are given. It travels as JSON.
type config struct {
	Version int      `json:"version"`
	Rate    float64  `json:"rate"`
	Workers []string `json:"workers"`
}

const (
	topic    = "config"
	welcome  = "Welcome!"
	stranger = "you are a stranger"
)

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	var at places
	flags := flag.NewFlagSet("configcentre", flag.ContinueOnError)
	flags.StringVar(&at.reports, "reports", "tcp://127.0.0.1:5566", "where workers report")
	flags.StringVar(&at.configs, "configs", "tcp://127.0.0.1:5567", "where the configuration is published")
	flags.DurationVar(&at.interval, "interval", time.Second, "how often a worker reports")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch who := flags.Arg(1); {
	case flags.Arg(0) == "centre" && who != "":
		err = centre(ctx, out, at, strings.Split(who, ","))
	case flags.Arg(0) == "worker" && who != "":
		err = worker(ctx, out, at, who)
	default:
		return errors.New("usage: configcentre [flags] centre name,name,... | worker name")
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
