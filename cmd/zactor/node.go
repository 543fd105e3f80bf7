package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zyre"
)

const nodeUsage = `usage: zactor node [flags] [NAME]

Be a node of the ZRE network (zyre), and talk to the others. Lines of input are said to
the group; those that begin with "/" are commands, and /help lists them. What happens is
printed as it happens. With the end of the input, or /quit, the node leaves.

  -group NAME       join this group (default CHAT)
  -header NAME=VALUE  a header that the others see; may be repeated
  -wait N           read no input before N peers are there
  -stay             stay when the input ends, until an interrupt
  -for D            leave after this time, such as 5s
  -cert FILE        encrypt everything with this certificate, and meet only such nodes;
                    the variable ZACTOR_CERT names it, too
  -trust DIR        with -cert: let in only whose certificate is in this directory
  -mdns             find and be found by multicast DNS, too, as _zre._tcp
  -mdns-port N      the UDP port of multicast DNS (default 5353)
` + networkUsage + `
For scripts: "zactor node -wait 1 < FILE" says what is in a file to the first who comes.
The exit code is 1 if a line of a script could not be said or done.
`

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

// runNode is "zactor node"; it returns the exit code. What it reads from is not read by
// others afterwards: a read that is under way when the node leaves is not awaited.
func runNode(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := command{name: "zactor node", usage: nodeUsage, stdout: stdout, stderr: stderr}
	if len(args) > 0 && isHelp(args[0]) {
		args = []string{"-h"}
	}
	return c.do(args, func(flags *flag.FlagSet, args []string) error {
		var f nodeFlags
		if err := f.parse(flags, args); err != nil {
			return err
		}
		opts, release, err := f.options()
		defer release()
		if err != nil {
			return err
		}
		ctx, cancel := limited(ctx, f.period)
		defer cancel()
		s, err := newScreen(ctx, stdin, stdout)
		if err != nil {
			return err
		}
		defer s.close()
		return newTalk(f, opts, s).run(ctx)
	})
}

func (f *nodeFlags) parse(flags *flag.FlagSet, args []string) error {
	f.networkFlags.add(flags)
	flags.StringVar(&f.group, "group", "CHAT", "")
	flags.Var(&f.headers, "header", "")
	flags.IntVar(&f.wait, "wait", 0, "")
	flags.BoolVar(&f.stay, "stay", false, "")
	flags.DurationVar(&f.period, "for", 0, "")
	flags.StringVar(&f.cert, "cert", os.Getenv("ZACTOR_CERT"), "")
	flags.StringVar(&f.trust, "trust", "", "")
	flags.BoolVar(&f.mdns, "mdns", false, "")
	flags.IntVar(&f.mdnsPort, "mdns-port", 5353, "")
	if err := parse(flags, args, 0, 1); err != nil {
		return err
	}
	if f.trust != "" && f.cert == "" {
		return fmt.Errorf("%w: -trust %q: there is no -cert", errUsage, f.trust)
	}
	f.name = flags.Arg(0)
	return f.check()
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
