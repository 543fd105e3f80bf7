package record

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/zmq"
)

// Commands are zactor capture, cat and replay.
func Commands(app *cli.App) []*cobra.Command {
	return []*cobra.Command{captureCommand(app), catCommand(app), replayCommand(app)}
}

// socketFlags are those of capture and replay.
type socketFlags struct {
	typ           string
	connect, bind []string
	count         int
	timeout       time.Duration
}

func (f *socketFlags) add(c *cobra.Command, typ, types string) {
	c.Flags().StringVar(&f.typ, "type", typ, "the `TYPE` of the socket: "+types)
	c.Flags().StringArrayVarP(&f.connect, "connect", "c", nil, "connect to this `ENDPOINT`; may be repeated")
	c.Flags().StringArrayVarP(&f.bind, "bind", "b", nil, "bind this `ENDPOINT`; may be repeated")
	c.Flags().IntVarP(&f.count, "count", "n", 0, "end after `N` messages")
	c.Flags().DurationVarP(&f.timeout, "timeout", "t", 0, "give up when nothing moves for this `TIME`")
}

// open makes the socket.
func (f *socketFlags) open(link *cli.Link, types map[string]zmq.Type) (*zmq.Socket, error) {
	typ, ok := types[f.typ]
	switch {
	case !ok:
		return nil, cli.Usage("", "--type %s: there is no such type here", f.typ)
	case len(f.connect)+len(f.bind) == 0:
		return nil, cli.Usage("-c :5555 connects to port 5555 of this machine, -b :5555 binds it", "no endpoint: it is to connect or to bind")
	case f.count < 0:
		return nil, cli.Usage("", "-n %d: must be 0 or more", f.count)
	case f.timeout < 0:
		return nil, cli.Usage("", "-t %v: must be 0 or more", f.timeout)
	}
	var opts []zmq.Option
	if f.timeout > 0 {
		opts = append(opts, zmq.WithRecvTimeout(f.timeout), zmq.WithSendTimeout(f.timeout))
	}
	if typ == zmq.Pub {
		opts = append(opts, zmq.WithXPubNoDrop(true)) // a replay loses nothing
	}
	s, err := zmq.New(link.Context, typ, opts...)
	if err != nil {
		return nil, err
	}
	if err := f.attach(s, link); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (f *socketFlags) attach(s *zmq.Socket, link *cli.Link) error {
	for _, b := range f.bind {
		if _, err := s.Bind(cli.Endpoint(b), link.Bind...); err != nil {
			return err
		}
	}
	for _, c := range f.connect {
		if err := s.Connect(cli.Endpoint(c), link.Connect...); err != nil {
			return err
		}
	}
	return nil
}
