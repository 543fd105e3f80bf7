package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

// networkFlags say on which network a command is.
type networkFlags struct {
	port  int
	only  []string
	local bool
}

func (n *networkFlags) add(flags *pflag.FlagSet) {
	flags.IntVar(&n.port, "port", beacon.DefaultPort, "the UDP port of the beacons")
	flags.StringArrayVar(&n.only, "interface", nil, "use only this interface, by `NAME`, address or prefix; may be repeated")
	flags.BoolVar(&n.local, "local", false, "stay on this host")
}

// check refuses what no beacon would take.
func (n *networkFlags) check() error {
	if n.port < 1 || n.port > 65535 {
		return cli.Usage("", "--port %d: must be 1 to 65535", n.port)
	}
	return nil
}

// ready checks the flags, and what they can reach.
func (n *networkFlags) ready(t *tool) error {
	if err := n.check(); err != nil {
		return err
	}
	if err := n.alive(); err != nil {
		return err
	}
	there := slices.ContainsFunc(n.only, present)
	for _, text := range n.only {
		switch {
		case present(text):
		case there: // the others will do
			t.Note("--interface %s: this host has none like that; it is waited for", text)
		default:
			return cli.Failed("ip link shows the interfaces, and ip addr their addresses", "--interface %s: this host has none like that", text)
		}
	}
	return nil
}

// unheard is the error of a command whose time is over before it has heard what it was to
// hear: so many, or at least one.
func (n *networkFlags) unheard(ctx context.Context, heard, wanted int, period time.Duration) error {
	if heard >= max(wanted, 1) || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	err := fmt.Errorf("nobody was heard in %v", period)
	if heard > 0 {
		err = fmt.Errorf("%d of %d were heard in %v", heard, wanted, period)
	}
	return &cli.Error{Code: cli.ExitNobody, Err: err,
		Hint: "is the network up, and does a firewall let UDP port " + strconv.Itoa(n.port) + " through? zactor doctor looks"}
}

// present reports whether an interface has this name, or an address that is this one or
// within this prefix.
func present(text string) bool {
	if _, err := net.InterfaceByName(text); err == nil {
		return true
	}
	prefix, err := netip.ParsePrefix(text)
	if addr, e := netip.ParseAddr(text); e == nil {
		prefix, err = addr.Prefix(addr.BitLen())
	}
	if err != nil {
		return false
	}
	all, _ := net.InterfaceAddrs()
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		own, ok := a.(*net.IPNet)
		if !ok {
			return false
		}
		addr, _ := netip.AddrFromSlice(own.IP)
		return prefix.Contains(addr.Unmap())
	})
}

// alive refuses a host on which nobody could be heard: it would wait without end and say
// nothing.
func (n *networkFlags) alive() error {
	all, err := net.Interfaces()
	if err != nil {
		return nil // nothing is known
	}
	var up, others []string
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && n.local == (i.Flags&net.FlagLoopback != 0) {
			up = append(up, i.Name)
		} else {
			others = append(others, i.Name)
		}
	}
	hint := "ip link shows the interfaces, ip link set NAME up starts one; --local stays on this host"
	if n.local {
		hint = "ip link set lo up"
	}
	if len(up) == 0 {
		return cli.Failed(hint, "no interface of the network is up (there are %s)", cmp.Or(strings.Join(others, ", "), "none"))
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
