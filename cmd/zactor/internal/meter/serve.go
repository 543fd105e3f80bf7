package meter

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// serve is the other side, for a benchmark elsewhere.
func serve(app *cli.App) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "serve lat|tput -b ENDPOINT", Short: "Be the other side of a benchmark",
		Long: "Be the other side of zactor bench lat or tput, or of libzmq's remote_lat or remote_thr.\n\n" +
			"lat answers until it is interrupted, or -n times. tput takes -n messages, and prints how fast\nthey came, from the first to the last.",
		Args: cobra.ExactArgs(1), ValidArgs: []string{"lat", "tput"},
		RunE: func(c *cobra.Command, args []string) error {
			endless := args[0] == "lat" && !c.Flags().Changed("count")
			if err := f.check(); err != nil {
				return err
			}
			if f.bind == "" {
				return cli.Usage("zactor bench serve "+args[0]+" -b :5555", "no endpoint to bind")
			}
			if endless {
				f.count = 0
			}
			switch args[0] {
			case "lat":
				return serveLat(c.Context(), app, f)
			case "tput":
				return serveTput(c.Context(), app, f)
			}
			return cli.Usage("zactor bench serve lat or tput", "%q: must be lat or tput", args[0])
		},
	}
	f.common(c, 1_000_000)
	c.Flags().StringVarP(&f.bind, "bind", "b", "", "bind this `ENDPOINT`")
	f.timeout, c.Flags().Lookup("timeout").DefValue = time.Hour, "1h"
	return c
}

func serveLat(ctx context.Context, app *cli.App, f flags) error {
	r, err := newRig(ctx, app, f)
	if err != nil {
		return err
	}
	defer r.close()
	s, err := r.bound(zmq.Rep)
	if err != nil {
		return err
	}
	app.Note("bound to %s", r.at)
	got, err := answer(ctx, s, f.count, nil)
	if ctx.Err() != nil && f.count == 0 {
		err = nil
	}
	if err != nil {
		return late(err, got, f.count)
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return s.Shutdown(wait)
}

func serveTput(ctx context.Context, app *cli.App, f flags) error {
	r, err := newRig(ctx, app, f)
	if err != nil {
		return err
	}
	defer r.close()
	s, err := r.bound(zmq.Pull)
	if err != nil {
		return err
	}
	app.Note("bound to %s", r.at)
	first, err := s.Recv(ctx)
	if err != nil {
		return late(err, 0, f.count)
	}
	f.size = first.Size()
	first.Release()
	p := app.Progress("tput", uint64(f.count), cli.Messages)
	defer p.Stop()
	start := time.Now()
	batch := make([]msg.Msg, batchSize)
	for got := 1; got < f.count; {
		n, err := s.RecvBatch(ctx, batch)
		if err != nil {
			return late(err, got, f.count)
		}
		for _, m := range batch[:n] {
			m.Release()
		}
		got += n
		p.Add(uint64(n))
	}
	r.f.size = f.size
	got := r.result("tput")
	got.Taken = max(time.Since(start), 1)
	got.Rate = float64(f.count-1) / got.Taken.Seconds()
	got.Bytes = got.Rate * float64(f.size)
	if app.JSON {
		return json.NewEncoder(app.Stdout).Encode(got)
	}
	if err := f.tell(app, got); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	return nil
}
