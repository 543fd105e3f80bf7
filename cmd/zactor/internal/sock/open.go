package sock

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
	"github.com/go-zactor/zactor/zmq"
)

// runner is one socket at work.
type runner struct {
	app  *cli.App
	kind kind
	flags
	link   *cli.Link
	socket *zmq.Socket
	watch  *cli.Watch
	out    *bufio.Writer
	format form.Form // of out
	peer   uint32    // of a PEER that has connected: the routing id of the other

	firsts chan []byte // of a STREAM: the first peer's id
	first  []byte      // the sender's: received from firsts
}

func open(ctx context.Context, app *cli.App, k kind, f flags) (*runner, error) {
	link, err := app.Security.Link(ctx)
	if err != nil {
		return nil, err
	}
	r := &runner{app: app, kind: k, flags: f, link: link, format: f.output(app), out: bufio.NewWriterSize(app.Stdout, 128<<10),
		firsts: make(chan []byte, 1)}
	if r.socket, err = zmq.New(link.Context, k.typ, r.options()...); err != nil {
		link.Close()
		return nil, err
	}
	r.watch = cli.NewWatch(app, r.socket)
	if err = r.attach(); err != nil {
		r.close(ctx, err)
		return nil, err
	}
	return r, nil
}

func (r *runner) options() (opts []zmq.Option) {
	if r.timeout > 0 {
		opts = append(opts, zmq.WithRecvTimeout(r.timeout), zmq.WithSendTimeout(r.timeout))
	}
	if r.id != "" {
		opts = append(opts, zmq.WithRoutingID(r.id))
	}
	switch r.kind.typ {
	case zmq.Router:
		opts = append(opts, zmq.WithRouterMandatory(true)) // who is not there is an error
	case zmq.Pub, zmq.XPub:
		opts = append(opts, zmq.WithXPubNoDrop(true)) // a slow subscriber slows what is piped in
	}
	return opts
}

// attach binds and connects.
func (r *runner) attach() error {
	if r.link.Open && len(r.bind) > 0 {
		r.app.Note("whoever has a key is let in; --trust DIR says who may come")
	}
	if err := r.hear(); err != nil {
		return err
	}
	for _, b := range r.bind {
		if err := r.bindTo(cli.Endpoint(b)); err != nil {
			return err
		}
	}
	for _, c := range r.connect {
		if err := r.connectTo(cli.Endpoint(c)); err != nil {
			return err
		}
	}
	return nil
}

// hear subscribes and joins.
func (r *runner) hear() error {
	topics, join := r.topics, r.socket.Subscribe
	switch r.kind.typ {
	case zmq.Dish:
		join = r.socket.Join
	case zmq.Sub, zmq.XSub:
		if len(topics) == 0 && (r.kind.typ == zmq.Sub || len(r.data) == 0) {
			topics = []string{""}
		}
	}
	for _, t := range topics {
		if err := join(t); err != nil {
			return cli.Usage("", "-s %q: %w", t, err)
		}
	}
	return nil
}

func (r *runner) bindTo(text string) error {
	endpoint, err := r.socket.Bind(text, r.link.Bind...)
	if err != nil {
		return endpointError("-b", text, err)
	}
	if r.app.Verbose || strings.HasSuffix(text, ":*") || strings.HasSuffix(text, ":0") || text == "ipc://*" {
		r.app.Note("bound to %s", endpoint)
	}
	return nil
}

func (r *runner) connectTo(text string) (err error) {
	if r.kind.typ == zmq.Peer {
		r.peer, err = r.socket.ConnectPeer(text, r.link.Connect...)
	} else {
		err = r.socket.Connect(text, r.link.Connect...)
	}
	return endpointError("-c", text, err)
}

// endpointError names the flag and the endpoint, where the error does not.
func endpointError(flag, text string, err error) error {
	if err == nil || strings.Contains(err.Error(), text) {
		return err
	}
	return fmt.Errorf("%s %s: %w", flag, text, err)
}

// leaveTime is how long a command that was interrupted goes on to send what it has
// accepted.
const leaveTime = 500 * time.Millisecond

// close closes the socket. What was sent goes first: without end, or as long as -t says,
// and not for long after an error or an interrupt.
func (r *runner) close(ctx context.Context, failed error) error {
	limit := r.timeout
	if failed != nil {
		ctx, limit = context.WithoutCancel(ctx), leaveTime
	}
	r.watch.For("")
	if failed == nil && r.kind.sends {
		r.watch.For("what was sent to be taken")
	}
	wait, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if limit > 0 {
		wait, cancel = context.WithTimeout(wait, limit)
		defer cancel()
	}
	if ctx.Err() != nil {
		time.AfterFunc(leaveTime, cancel)
	} else {
		stop := context.AfterFunc(ctx, func() { time.AfterFunc(leaveTime, cancel) })
		defer stop()
	}
	err := r.socket.Shutdown(wait)
	r.watch.Stop()
	r.link.Close()
	if e := r.out.Flush(); err == nil {
		err = e
	}
	return err
}

// explain is an error of the socket with what the endpoints know: that nothing came in
// time may be because the peer refuses us.
func (r *runner) explain(err error) error {
	late := errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
	if refused := cli.Refused(r.socket); late && refused != nil {
		return refused
	} else if late && r.socket.Stats().Connected == 0 {
		return &cli.Error{Code: cli.ExitNobody, Err: err, Hint: r.whoIsMissing()}
	}
	return err
}

// whoIsMissing is what to do where no peer is there.
func (r *runner) whoIsMissing() string {
	for _, e := range r.socket.Endpoints() {
		if e.State == zmq.EndpointListening {
			return "the other side has to connect: -c " + e.Endpoint
		}
	}
	return cli.NobodyHint
}
