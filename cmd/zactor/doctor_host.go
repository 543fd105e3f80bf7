package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/zyre"
)

// fewFiles is a limit of open files that a busy server meets.
const fewFiles = 4096

func (d *doctor) files(context.Context) []finding {
	n, ok := openFiles()
	switch {
	case !ok:
		return nil // the system has no such limit
	case n < fewFiles:
		e, _ := logs.Events.Lookup(logs.AcceptFailed)
		return []finding{{warning, "open files", fmt.Sprintf("at most %d, and each connection is one (%v)", n, logs.AcceptFailed), e.Remedy}}
	}
	return []finding{{fine, "open files", fmt.Sprintf("at most %d", n), ""}}
}

// interfaces says which there are, and what they can do.
func (d *doctor) interfaces(context.Context) (all []finding) {
	list, err := net.Interfaces()
	if err != nil {
		return []finding{{failed, "interfaces", err.Error(), ""}}
	}
	for _, i := range list {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		var words []string
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			words = append(words, a.String())
		}
		if len(words) == 0 {
			words = append(words, "no address")
		}
		for flag, name := range map[net.Flags]string{net.FlagBroadcast: "broadcast", net.FlagMulticast: "multicast"} {
			if i.Flags&flag != 0 {
				words = append(words, name)
			}
		}
		slices.Sort(words)
		f := finding{fine, "interface", i.Name + ": " + strings.Join(words, ", "), ""}
		if i.Flags&(net.FlagBroadcast|net.FlagMulticast) == 0 || len(addrs) == 0 {
			f.Verdict, f.Hint = warning, "beacons and multicast DNS do not go over it: use --gossip, or connect by address"
		}
		all = append(all, f)
	}
	if err := d.alive(); err != nil {
		all = append(all, finding{failed, "interfaces", err.Error(), cli.Hint(err)})
	}
	for _, text := range d.only {
		if !present(text) {
			all = append(all, finding{failed, "interface", "none is, or has, " + text, "ip address shows names and addresses"})
		}
	}
	return all
}

// beacons sends one, and listens for it.
func (d *doctor) beacons(ctx context.Context) []finding {
	const check = "beacons"
	if d.alive() != nil {
		return nil // what they need is not there
	}
	hears, err := beacon.New(ctx, d.beacon()...)
	if err != nil {
		return []finding{{failed, check, err.Error(), fmt.Sprintf("another program has UDP port %d for itself: --port takes another one, on all hosts", d.port)}}
	}
	defer hears.Close()
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	signals := hears.Events(ctx)
	word := []byte("zactor doctor " + rand.Text())
	hears.Subscribe(nil)
	says, err := beacon.New(ctx, d.beacon()...)
	if err == nil {
		defer says.Close()
		err = says.Publish(word, 100*time.Millisecond)
	}
	if err != nil {
		return []finding{{failed, check, err.Error(), cli.Hint(err)}}
	}
	others := map[string]bool{}
	for s := range signals {
		if bytes.Equal(s.Data, word) {
			return []finding{{fine, check, fmt.Sprintf("sent and heard on %s, UDP port %d", cmp.Or(s.Interface, "?"), d.port), ""}}
		}
		others[s.From.String()] = true
	}
	return []finding{{failed, check, fmt.Sprintf("sent on UDP port %d, and not heard in %v (%d others were)", d.port, d.patience, len(others)),
		"a firewall drops them, or the network forwards no broadcast (Docker, VPN, cloud): use --mdns or gossip"}}
}

// certificate looks at --cert.
func (d *doctor) certificate(context.Context) []finding {
	const check = "certificate"
	path := d.tool.Security.Cert
	if path == "" {
		return nil
	}
	c, err := cert.Load(path)
	switch {
	case errors.Is(err, cert.ErrExposed):
		return []finding{{failed, check, err.Error(), "chmod 600 " + path + "_secret"}}
	case errors.Is(err, fs.ErrNotExist):
		return []finding{{failed, check, err.Error(), "zactor cert new " + path + " makes one"}}
	case err != nil:
		return []finding{{failed, check, err.Error(), "zactor cert verify " + path}}
	case !c.HasSecret():
		return []finding{{failed, check, path + " has no secret key", path + "_secret is where zactor cert new was run"}}
	}
	if err := c.Verify(); err != nil {
		return []finding{{failed, check, path + ": " + err.Error(), "zactor cert new --force " + path + " makes a new pair"}}
	}
	return []finding{{fine, check, path + ": " + c.Fingerprint(), ""}}
}

// trusted looks at --trust.
func (d *doctor) trusted(context.Context) (all []finding) {
	const check = "trust"
	dir := d.tool.Security.Trust
	if dir == "" {
		return nil
	}
	if err := cli.TrustFolder(dir, dir); err != nil {
		return []finding{{failed, check, err.Error(), cli.Hint(err)}}
	}
	store, err := cert.NewFSStore(os.DirFS(dir))
	if err != nil {
		return []finding{{failed, check, dir + ": " + err.Error(), cli.Hint(err)}}
	}
	e, _ := logs.Events.Lookup(logs.CertSkipped)
	for _, p := range store.Problems() {
		all = append(all, finding{failed, check, fmt.Sprintf("%s/%s: %v (%v)", dir, p.Path, p.Err, logs.CertSkipped), e.Remedy})
	}
	n := 0
	for range store.All() {
		n++
	}
	f := finding{fine, check, fmt.Sprintf("%s: %d certificates", dir, n), ""}
	if n == 0 {
		f.Verdict, f.Hint = warning, "it trusts nobody: copy the peers' public files into it"
	}
	return append(all, f)
}

// findPeer becomes a node for a while, and waits for another.
func (d *doctor) findPeer(ctx context.Context) []finding {
	const check = "peer"
	if err := d.alive(); err != nil {
		return []finding{{failed, check, "not looked for: " + err.Error(), cli.Hint(err)}}
	}
	f := nodeFlags{networkFlags: d.networkFlags, cert: d.tool.Security.Cert, trust: d.tool.Security.Trust}
	opts, release, err := f.options()
	defer release()
	if err != nil {
		return []finding{{failed, check, err.Error(), cli.Hint(err)}}
	}
	n, err := zyre.New(ctx, "zactor-doctor", opts...)
	if err != nil {
		return []finding{{failed, check, err.Error(), cli.Hint(err)}}
	}
	defer n.Close()
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	var met []string
	var refused error
	for e := range n.Events(ctx) {
		mine := e.Name == d.peer || strings.HasPrefix(e.Peer.String(), strings.ToUpper(d.peer))
		switch {
		case e.Kind == zyre.Refused && (mine || e.Name == "" || refused == nil):
			refused = e.Err
		case e.Kind == zyre.Enter && mine:
			return []finding{{fine, check, fmt.Sprintf("%s is here: node %s at %s", shown(e.Name), e.Peer, e.Endpoint), ""}}
		case e.Kind == zyre.Enter:
			met = append(met, shown(e.Name))
		}
	}
	hint := "is it running, on this network and UDP port, and with --cert where this one has it? zactor discover shows who is heard"
	if refused != nil {
		return []finding{{failed, check, fmt.Sprintf("%s was not met in %v; someone was refused: %v", shown(d.peer), d.patience, refused), hint}}
	}
	return []finding{{failed, check, fmt.Sprintf("%s was not met in %v; met: %s", shown(d.peer), d.patience, cmp.Or(strings.Join(met, ", "), "nobody")), hint}}
}
