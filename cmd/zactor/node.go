package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/zyre"
)

const nodeAbout = `Be a node of the ZRE network (zyre), and talk to the others. Lines of input are said to
the group; those that begin with "/" are commands, and /help lists them. What happens is
printed as it happens. With the end of the input, or /quit, the node leaves.

With --cert everything is encrypted, and only such nodes are met; with --trust only those
whose certificate is in that directory.

For scripts: "zactor node --wait 1 < FILE" says what is in a file to the first who comes.
The exit code is 1 if a line of a script could not be said or done.`

// nodeFlags are the flags of "zactor node".
type nodeFlags struct {
	networkFlags
	name     string
	group    string
	headers  metaFlag
	wait     int
	stay     bool
	period   time.Duration
	cert     string
	trust    string
	mdns     bool
	mdnsPort int
}

// nodeCommand is zactor node. What it reads from is not read by others afterwards: a read
// that is under way when the node leaves is not awaited.
func (t *tool) nodeCommand() *cobra.Command {
	var f nodeFlags
	c := &cobra.Command{
		Use: "node [NAME]", Short: "Be a node of the ZRE network (zyre), and talk to the others", Long: nodeAbout,
		GroupID: "network", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f.name = strings.Join(args, "")
			if err := f.checkAll(t); err != nil {
				return err
			}
			return f.run(c.Context(), t)
		},
	}
	s := c.Flags()
	f.networkFlags.add(s)
	s.StringVar(&f.group, "group", "CHAT", "join this group, `NAME`")
	s.Var(&f.headers, "header", "a header that the others see, `NAME=VALUE`; may be repeated")
	s.IntVar(&f.wait, "wait", 0, "read no input before `N` peers are there")
	s.BoolVar(&f.stay, "stay", false, "stay when the input ends, until an interrupt")
	s.DurationVar(&f.period, "for", 0, "leave after this `TIME`, such as 5s")
	s.BoolVar(&f.mdns, "mdns", false, "find and be found by multicast DNS, too, as _zre._tcp")
	s.IntVar(&f.mdnsPort, "mdns-port", 5353, "the UDP port of multicast DNS")
	return c
}

func (f *nodeFlags) checkAll(t *tool) error {
	f.cert, f.trust = t.Security.Cert, t.Security.Trust
	switch {
	case f.trust != "" && f.cert == "":
		return cli.Usage("zactor cert new FILE makes one", "--trust %q: there is no --cert", f.trust)
	case t.Security.CurveServer != "" || t.Security.Plain != "" || t.Security.Socks != "":
		return cli.Usage("--cert and --trust", "nodes have no servers: --curve-server, --plain and --socks say nothing here")
	case t.JSON:
		return cli.Usage("zactor discover --json shows who is there", "--json: a node talks in lines")
	}
	return f.ready(t)
}

func (f *nodeFlags) run(ctx context.Context, t *tool) error {
	opts, release, err := f.options()
	defer release()
	if err != nil {
		return err
	}
	ctx, cancel := limited(ctx, f.period)
	defer cancel()
	s, err := newScreen(ctx, t.Stdin, t.Stdout)
	if err != nil {
		return err
	}
	defer s.close()
	return newTalk(*f, opts, s).run(ctx)
}

// options are those of the node. release is to be called once the node has stopped.
func (f *nodeFlags) options() (opts []zyre.Option, release func(), err error) {
	var held []io.Closer
	release = func() {
		for _, c := range held {
			c.Close()
		}
	}
	opts = []zyre.Option{zyre.WithBeacon(f.beacon()...)}
	if f.local {
		opts = append(opts, zyre.WithLoopback(true))
	}
	if f.cert != "" {
		own, err := cert.Load(f.cert)
		if err != nil {
			return nil, release, err
		}
		var trusted cert.Store
		if f.trust != "" {
			if err := cli.TrustFolder("--trust "+f.trust, f.trust); err != nil {
				return nil, release, err
			}
			dir, err := cert.NewDirStore(context.Background(), f.trust)
			if err != nil {
				return nil, release, err
			}
			held, trusted = append(held, dir), dir
		}
		opts = append(opts, zyre.WithCurve(own, trusted))
	}
	if f.mdns {
		way, err := mdns.New(context.Background(), "_zre._tcp", f.networkFlags.mdns(f.mdnsPort)...)
		if err != nil {
			return nil, release, err
		}
		held = append(held, way)
		opts = append(opts, zyre.WithDiscoverer(way))
	}
	return opts, release, nil
}
