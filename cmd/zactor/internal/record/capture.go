package record

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// listeners are the types that can capture: the others would answer, or take part.
var listeners = map[string]zmq.Type{"sub": zmq.Sub, "pull": zmq.Pull, "dish": zmq.Dish, "gather": zmq.Gather}

func captureCommand(app *cli.App) *cobra.Command {
	var f socketFlags
	var topics []string
	var appending bool
	c := &cobra.Command{
		Use:     "capture FILE -c|-b ENDPOINT",
		Short:   "Write what comes to a file, with times and peers",
		GroupID: "sockets",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return capture(c.Context(), app, f, topics, args[0], appending)
		},
	}
	f.add(c, "sub", "sub, pull, dish or gather")
	c.Flags().StringArrayVarP(&topics, "subscribe", "s", nil, "sub: what begins with `PREFIX` (default everything); dish: the group")
	c.Flags().BoolVar(&appending, "append", false, "keep what the file has")
	return c
}

func capture(ctx context.Context, app *cli.App, f socketFlags, topics []string, name string, appending bool) (err error) {
	link, err := app.Security.Link(ctx)
	if err != nil {
		return err
	}
	defer link.Close()
	s, err := f.open(link, listeners)
	if err != nil {
		return err
	}
	if err := hear(s, topics); err != nil {
		return err
	}
	mode := os.O_TRUNC
	if appending {
		mode = os.O_APPEND
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|mode, 0o600)
	if err != nil {
		return err
	}
	watch := cli.NewWatch(app, s)
	defer watch.Stop()
	progress := app.Progress("captured", uint64(f.count), cli.Messages)
	n, err := f.take(ctx, s, watch, progress, NewWriter(file))
	progress.Stop()
	app.Note("captured %d in %s", n, name)
	return errors.Join(err, file.Close())
}

func hear(s *zmq.Socket, topics []string) error {
	join := s.Subscribe
	switch s.Type() {
	case zmq.Dish:
		if join = s.Join; len(topics) == 0 {
			return cli.Usage("-s GROUP", "a dish hears only the groups that it has joined")
		}
	case zmq.Sub:
		if len(topics) == 0 {
			topics = []string{""}
		}
	default:
		if len(topics) > 0 {
			return cli.Usage("", "-s %q: only sub and dish subscribe", topics[0])
		}
	}
	for _, t := range topics {
		if err := join(t); err != nil {
			return cli.Usage("", "-s %q: %w", t, err)
		}
	}
	return nil
}

// take writes what comes until there is enough of it, or ctx ends. The file has every
// message that has come before it waits for the next.
func (f *socketFlags) take(ctx context.Context, s *zmq.Socket, watch *cli.Watch, progress *cli.Progress, w *Writer) (got int, err error) {
	watch.For("messages")
	batch := make([]msg.Msg, 256)
	for {
		most := len(batch)
		if f.count > 0 {
			most = min(most, f.count-got)
		}
		n, err := s.RecvBatch(ctx, batch[:most])
		if err != nil {
			return got, f.enough(ctx, s, err, got)
		}
		for _, m := range batch[:n] {
			if err := w.Write(Of(m)); err != nil {
				return got, err
			}
			m.Release()
		}
		if err := w.Flush(); err != nil {
			return got, err
		}
		watch.Moved(n)
		progress.Add(uint64(n))
		if got += n; got == f.count {
			return got, nil
		}
	}
}

// enough is the error of waiting in vain, or nil where what has come will do.
func (f *socketFlags) enough(ctx context.Context, s *zmq.Socket, err error, got int) error {
	switch {
	case f.count > 0 && ctx.Err() != nil:
		return cli.Failed("-n says how many are wanted; without it what has come will do", "interrupted after %d of %d messages", got, f.count)
	case ctx.Err() != nil, errors.Is(err, zmq.ErrAgain) && got > 0 && f.count == 0:
		return nil
	case errors.Is(err, zmq.ErrAgain) && cli.Refused(s) != nil:
		return cli.Refused(s)
	}
	return err
}
