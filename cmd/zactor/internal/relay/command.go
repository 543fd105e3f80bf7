package relay

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/zmq"
)

const about = `Pass messages on between two sockets, both ways.

  zactor proxy xsub://:5561 xpub://:5562          a forwarder, between publishers and subscribers
  zactor proxy router://:5559 dealer://:5560      a queue, between requesters and repliers
  zactor proxy pull://:5557 push://:5558          a streamer, between pushers and pullers

TYPE://ENDPOINT binds, TYPE+connect://ENDPOINT connects. While one side is full, nothing
is taken from the other.`

// flags are those of zactor proxy.
type flags struct {
	stats   time.Duration
	capture string
}

// Command is zactor proxy.
func Command(app *cli.App) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:     "proxy TYPE://ENDPOINT TYPE://ENDPOINT",
		Short:   "Pass messages on between two sockets: forwarder, queue, streamer",
		Long:    about,
		GroupID: "sockets",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			sides, err := parseSides(args[0], args[1])
			if err != nil {
				return err
			}
			if f.stats < 0 {
				return cli.Usage("", "--stats %v: must be 0 or more", f.stats)
			}
			return f.run(c.Context(), app, sides)
		},
	}
	c.Flags().DurationVar(&f.stats, "stats", 0, "print what has passed every `TIME`, such as 1s")
	c.Flags().StringVar(&f.capture, "capture", "", "write a copy of every message to `FILE`, which zactor cat prints")
	return c
}

// run passes messages on until ctx ends.
func (f flags) run(ctx context.Context, app *cli.App, sides [2]side) (err error) {
	link, err := app.Security.Link(ctx)
	if err != nil {
		return err
	}
	defer link.Close()
	var sockets [2]*zmq.Socket
	for i, s := range sides {
		if sockets[i], err = s.open(app, link); err != nil {
			return err
		}
		watch := cli.NewWatch(app, sockets[i])
		defer watch.Stop()
	}
	work, end := context.WithCancel(ctx)
	defer end()
	copies, finish, err := f.tap(link.Context, end)
	if err != nil {
		return err
	}
	proxy := zmq.NewProxy(sockets[0], sockets[1], copies)
	stop := report(app, proxy, f.stats)
	err = proxy.Run(work)
	stop()
	if work.Err() != nil {
		err = nil // the user's wish, or finish says what it was
	}
	return errors.Join(err, finish(), drain(sockets))
}

// drainTime is how long a proxy that ends goes on to send what it has accepted.
const drainTime = time.Second

func drain(sockets [2]*zmq.Socket) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	for _, s := range sockets {
		err = errors.Join(err, s.Shutdown(ctx))
	}
	return err
}
