package meter

import (
	"context"
	"fmt"
	"os"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/zmq"
)

// rig is the sockets of a benchmark and what secures them.
type rig struct {
	app  *cli.App
	f    flags
	link *cli.Link
	a    *auth.Auth
	all  []*zmq.Socket
	at   string // where it is bound, or connected
	name string // of the security
}

// newRig prepares. With --curve both sides get keys.
func newRig(ctx context.Context, app *cli.App, f flags) (*rig, error) {
	link, err := app.Security.Link(ctx)
	if err != nil {
		return nil, err
	}
	r := &rig{app: app, f: f, link: link, name: "NULL"}
	switch {
	case app.Security.CurveServer != "" || app.Security.Cert != "":
		r.name = "CURVE"
	case app.Security.Plain != "":
		r.name = "PLAIN"
	}
	if f.curve {
		if err := r.keys(); err != nil {
			link.Close()
			return nil, err
		}
	}
	return r, nil
}

func (r *rig) keys() error {
	server, err := cert.New()
	if err != nil {
		return err
	}
	client, err := cert.New()
	if err != nil {
		return err
	}
	if r.a, err = auth.New(r.link.Context); err != nil {
		return err
	}
	r.a.CurveAny(auth.AnyDomain)
	r.name = "CURVE"
	r.link.Bind = append(r.link.Bind, zmq.WithCurveServer(server))
	r.link.Connect = append(r.link.Connect, zmq.WithCurveClient(client, server.Public()))
	return nil
}

// close closes all. What is still under way is not awaited.
func (r *rig) close() {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range r.all {
		s.Shutdown(gone)
	}
	if r.a != nil {
		r.a.Close()
	}
	r.link.Close()
}

func (r *rig) open(typ zmq.Type, opts ...zmq.Option) (*zmq.Socket, error) {
	s, err := zmq.New(r.link.Context, typ, append(opts, zmq.WithSendTimeout(r.f.timeout), zmq.WithRecvTimeout(r.f.timeout))...)
	if err == nil {
		r.all = append(r.all, s)
	}
	return s, err
}

// bound is a socket that is bound to what -b says, or to a free port.
func (r *rig) bound(typ zmq.Type, opts ...zmq.Option) (*zmq.Socket, error) {
	s, err := r.open(typ, opts...)
	if err != nil {
		return nil, err
	}
	at := "tcp://127.0.0.1:*"
	if r.f.bind != "" {
		at = cli.Endpoint(r.f.bind)
	}
	r.at, err = s.Bind(at, r.link.Bind...)
	return s, err
}

// connected is a socket that is connected to -c, or to what is bound here, and has a peer.
func (r *rig) connected(ctx context.Context, typ zmq.Type, opts ...zmq.Option) (*zmq.Socket, error) {
	s, err := r.open(typ, opts...)
	if err != nil {
		return nil, err
	}
	if r.f.connect != "" {
		r.at = cli.Endpoint(r.f.connect)
	}
	if err := s.Connect(r.at, r.link.Connect...); err != nil {
		return nil, err
	}
	watch := cli.NewWatch(r.app, s)
	defer watch.Stop()
	watch.For("the other side")
	wait, cancel := context.WithTimeout(ctx, r.f.timeout)
	defer cancel()
	if err := s.WaitConnected(wait, 1); err != nil {
		if refused := cli.Refused(s); refused != nil {
			return nil, refused
		}
		return nil, err
	}
	return s, nil
}

// late says what an end by time means here.
func late(err error, done, of int) error {
	if os.IsTimeout(err) {
		return fmt.Errorf("%d of %d, and then nothing: %w", done, of, err)
	}
	return err
}

func (r *rig) result(name string) result {
	return result{Bench: name, Endpoint: r.at, Security: r.name, Size: r.f.size, Count: r.f.count}
}
