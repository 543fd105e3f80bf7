package record

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// players are the types that can send what was captured.
var players = map[string]zmq.Type{"pub": zmq.Pub, "push": zmq.Push, "radio": zmq.Radio, "scatter": zmq.Scatter, "dealer": zmq.Dealer}

func replayCommand(app *cli.App) *cobra.Command {
	var f socketFlags
	var speed float64
	c := &cobra.Command{
		Use:     "replay FILE -c|-b ENDPOINT",
		Short:   "Send what was captured, in its own time or faster",
		GroupID: "sockets",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if speed < 0 {
				return cli.Usage("", "--speed %v: must be 0 or more", speed)
			}
			return replay(c.Context(), app, f, speed, args[0])
		},
	}
	f.add(c, "pub", "pub, push, radio, scatter or dealer")
	c.Flags().Float64Var(&speed, "speed", 1, "so many times as fast as it came; 0: as fast as it goes")
	return c
}

func replay(ctx context.Context, app *cli.App, f socketFlags, speed float64, file string) error {
	link, err := app.Security.Link(ctx)
	if err != nil {
		return err
	}
	defer link.Close()
	s, err := f.open(link, players)
	if err != nil {
		return err
	}
	watch := cli.NewWatch(app, s)
	defer watch.Stop()
	p := player{flags: f, socket: s, watch: watch, speed: speed}
	p.progress = app.Progress("replayed", uint64(f.count), cli.Messages)
	err = each(ctx, app, file, func(e Entry) error { return p.play(ctx, e) })
	p.progress.Stop()
	watch.For("what was sent to be taken")
	switch {
	case errors.Is(err, errEnough), ctx.Err() != nil:
		err = nil
	case err != nil:
		if refused := cli.Refused(s); refused != nil && cli.Code(err) == cli.ExitNobody {
			err = refused
		}
		f.timeout = time.Millisecond // nobody is there to take the rest
	}
	return errors.Join(err, f.finish(ctx, s))
}

// finish closes the socket once all is taken, or -t is over, or the user wishes.
func (f *socketFlags) finish(ctx context.Context, s *zmq.Socket) error {
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	return s.Shutdown(ctx)
}

var errEnough = errors.New("enough")

// player sends entries at their times.
type player struct {
	flags  socketFlags
	socket *zmq.Socket
	watch  *cli.Watch
	speed  float64

	progress *cli.Progress

	sent         int
	start, first time.Time // of the first entry: when it was sent, and when it came
}

func (p *player) play(ctx context.Context, e Entry) error {
	if p.sent == 0 {
		if err := p.await(ctx, e.Msg); err != nil {
			return err
		}
		p.start, p.first = time.Now(), e.Time
	}
	p.watch.For("")
	if p.speed > 0 {
		due := p.start.Add(time.Duration(float64(e.Time.Sub(p.first)) / p.speed))
		if err := pause(ctx, time.Until(due)); err != nil {
			return err
		}
	}
	p.watch.For("a peer to take what is sent")
	if err := p.socket.Send(ctx, e.Msg); err != nil {
		return err
	}
	p.watch.Moved(1)
	p.progress.Add(1)
	if p.sent++; p.sent == p.flags.count {
		return errEnough
	}
	return nil
}

// await waits for a peer that wants the first message: else it would be lost.
func (p *player) await(ctx context.Context, m msg.Msg) error {
	if p.flags.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.flags.timeout)
		defer cancel()
	}
	switch p.socket.Type() {
	case zmq.Pub:
		p.watch.For("a subscriber")
		return p.socket.WaitSubscribers(ctx, string(m.Frames[0]), 1)
	case zmq.Radio:
		p.watch.For("a peer that has joined " + m.Group())
		return p.socket.WaitSubscribers(ctx, m.Group(), 1)
	}
	p.watch.For("a peer")
	return p.socket.WaitConnected(ctx, 1)
}
