package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

// networkUsage explains the flags of networkFlags.
const networkUsage = `  -port N           the UDP port of the beacons (default 5670)
  -interface NAME   use this interface, by name, address or prefix; may be repeated
  -local            stay on this host
`

// networkFlags say on which network a command is.
type networkFlags struct {
	port  int
	only  listFlag
	local bool
}

func (n *networkFlags) add(flags *flag.FlagSet) {
	flags.IntVar(&n.port, "port", beacon.DefaultPort, "")
	flags.Var(&n.only, "interface", "")
	flags.BoolVar(&n.local, "local", false, "")
}

// check refuses what no beacon would take.
func (n *networkFlags) check() error {
	if n.port < 1 || n.port > 65535 {
		return fmt.Errorf("%w: -port %d: must be 1 to 65535", errUsage, n.port)
	}
	return nil
}

// beacon are the options of a beacon.
func (n *networkFlags) beacon() []beacon.Option {
	opts := append(n.places(), beacon.WithPort(n.port))
	if n.local && runtime.GOOS != "linux" {
		// Other systems than Linux have no broadcast on their loopback.
		opts = append(opts, beacon.WithMulticast("239.255.56.70", 0))
	}
	return opts
}

// places are the options that choose interfaces.
func (n *networkFlags) places() (opts []beacon.Option) {
	if n.local {
		opts = append(opts, beacon.WithLoopback(true))
	}
	if len(n.only) > 0 {
		opts = append(opts, beacon.WithInterface(n.only...))
	}
	return opts
}

// mdns are the options of multicast DNS, on the same interfaces.
func (n *networkFlags) mdns(port int) (opts []mdns.Option) {
	opts = append(opts, mdns.WithPort(port), mdns.WithLoopback(n.local))
	if len(n.only) > 0 {
		opts = append(opts, mdns.WithInterface(n.only...))
	}
	return opts
}

// limited is ctx, which also ends after d, unless that is 0.
func limited(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d > 0 {
		return context.WithTimeout(ctx, d)
	}
	return context.WithCancel(ctx)
}

// shown is text from the network as it may be shown.
func shown(text string) string { return cli.Shown(text) }
