package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/gossip"
)

const discoverUsage = `usage: zactor discover [flags]

Show who is on the network, by whatever means they make themselves known, as they come,
change and go: beacons of zyre nodes, of this module's peers and of anybody else,
services of multicast DNS, and tuples of gossip hubs. Everybody has one entry, however often he is heard. The
command itself says nothing but the questions of multicast DNS.

  -type TYPE        a type of service; may be repeated (default _zre._tcp)
  -mdns-port N      the UDP port of multicast DNS (default 5353)
  -gossip ENDPOINT  a gossip hub to connect to, such as tcp://host:5670; may be repeated
  -no-beacon        leave the beacons out
  -no-mdns          leave multicast DNS out
  -json             print one JSON object a line
  -for D            end after this time, such as 5s
` + networkUsage + `
A line begins with "+" for what was found, "~" for what has changed, and "-" for what
was lost. What is shown is what somebody on the network says, and proves nothing.
`

// discover is "zactor discover".
type discover struct {
	networkFlags
	types    listFlag
	hubs     listFlag
	mdnsPort int
	noBeacon bool
	noMDNS   bool
	json     bool
	period   time.Duration

	stdout, stderr io.Writer
}

// runDiscover returns the exit code.
func runDiscover(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	d := discover{stdout: stdout, stderr: stderr}
	c := command{name: "zactor discover", usage: discoverUsage, stdout: stdout, stderr: stderr}
	if len(args) > 0 && isHelp(args[0]) {
		args[0] = "-h"
	}
	return c.do(args, func(flags *flag.FlagSet, args []string) error {
		if err := d.parse(flags, args); err != nil {
			return err
		}
		return d.run(ctx)
	})
}

func (d *discover) parse(flags *flag.FlagSet, args []string) error {
	d.networkFlags.add(flags)
	flags.Var(&d.types, "type", "")
	flags.Var(&d.hubs, "gossip", "")
	flags.IntVar(&d.mdnsPort, "mdns-port", 5353, "")
	flags.BoolVar(&d.noBeacon, "no-beacon", false, "")
	flags.BoolVar(&d.noMDNS, "no-mdns", false, "")
	flags.BoolVar(&d.json, "json", false, "")
	flags.DurationVar(&d.period, "for", 0, "")
	if err := parse(flags, args, 0, 0); err != nil {
		return err
	}
	if d.noBeacon && d.noMDNS && len(d.hubs) == 0 {
		return fmt.Errorf("%w: -no-beacon and -no-mdns: nothing is left but -gossip", errUsage)
	}
	if len(d.types) == 0 {
		d.types = listFlag{"_zre._tcp"}
	}
	return d.check()
}

// run shows what is heard until ctx ends.
func (d *discover) run(ctx context.Context) error {
	sources, err := d.sources(ctx)
	if err != nil && len(sources) == 0 {
		return err
	}
	if err != nil { // one way is better than none
		fmt.Fprintf(d.stderr, "zactor discover: %v\n", err)
	}
	r := beacon.NewRoster(context.WithoutCancel(ctx), sources...)
	defer r.Close()
	ctx, cancel := limited(ctx, d.period)
	defer cancel()
	for e := range r.Events(ctx) {
		if err := d.show(e); err != nil {
			return err
		}
	}
	return r.Err()
}

// sources opens all ways of discovery. With an error it returns those that work.
func (d *discover) sources(ctx context.Context) (sources []beacon.Discoverer, err error) {
	add := func(s beacon.Discoverer, problem error) {
		if problem != nil {
			err = errors.Join(err, problem)
			return
		}
		sources = append(sources, s)
	}
	if !d.noBeacon {
		udp, problem := beacon.NewUDP(context.WithoutCancel(ctx), anyBeacon{}, d.beacon()...)
		add(udp, problem)
	}
	for _, kind := range d.types {
		if d.noMDNS {
			break
		}
		found, problem := mdns.New(context.WithoutCancel(ctx), kind, d.mdns(d.mdnsPort)...)
		add(found, problem)
	}
	if len(d.hubs) > 0 {
		add(d.gossips(ctx))
	}
	return sources, err
}

// gossips hears what hubs tell. The node ends with ctx.
func (d *discover) gossips(ctx context.Context) (beacon.Discoverer, error) {
	n, err := gossip.New(ctx)
	if err != nil {
		return nil, err
	}
	for _, hub := range d.hubs {
		if err := n.Connect(hub); err != nil {
			n.Close()
			return nil, err
		}
	}
	return gossiping{n.Discoverer("", 0), n}, nil
}

// gossiping closes its node as well.
type gossiping struct {
	*gossip.Discoverer
	node *gossip.Node
}

func (g gossiping) Close() error { return errors.Join(g.Discoverer.Close(), g.node.Close()) }

// show prints an event.
func (d *discover) show(e beacon.RosterEvent) error {
	if d.json {
		return json.NewEncoder(d.stdout).Encode(newFound(e))
	}
	mark := map[beacon.EventKind]string{beacon.Found: "+", beacon.Changed: "~", beacon.Lost: "-"}[e.Kind]
	_, err := fmt.Fprintln(d.stdout, mark, describe(e.Entry))
	return err
}

// describe is an entry on one line: who, where, what else, and by which ways.
func describe(e beacon.Entry) string {
	words := []string{shown(e.ID)}
	for _, at := range e.Endpoints {
		words = append(words, shown(at))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		words = append(words, shown(name)+"="+shown(e.Values[name]))
	}
	places := make([]string, len(e.Sightings))
	for i, s := range e.Sightings {
		places[i] = placeOf(s)
	}
	if len(places) > 0 {
		words = append(words, "by", strings.Join(places, ", "))
	}
	return strings.Join(words, " ")
}

// placeOf says where somebody was heard: "udp from 10.1.2.3 on eth0".
func placeOf(s beacon.Sighting) string {
	words := []string{s.Source}
	if s.From.IsValid() {
		words = append(words, "from "+s.From.String())
	}
	if s.Interface != "" {
		words = append(words, "on "+s.Interface)
	}
	return strings.Join(words, " ")
}

// found is an event in JSON.
type found struct {
	Kind      string            `json:"kind"` // "found", "changed" or "lost"
	ID        string            `json:"id"`
	Endpoints []string          `json:"endpoints"`
	Values    map[string]string `json:"values,omitempty"`
	Heard     []heard           `json:"heard"`
}

// heard is a place where somebody is heard.
type heard struct {
	By        string `json:"by"`
	From      string `json:"from,omitempty"`
	Interface string `json:"interface,omitempty"`
}

func newFound(e beacon.RosterEvent) found {
	f := found{
		Kind: e.Kind.String(), ID: e.Entry.ID, Endpoints: append([]string{}, e.Entry.Endpoints...),
		Values: e.Entry.Values, Heard: []heard{},
	}
	for _, s := range e.Entry.Sightings {
		h := heard{By: s.Source, Interface: s.Interface}
		if s.From.IsValid() {
			h.From = s.From.String()
		}
		f.Heard = append(f.Heard, h)
	}
	return f
}

// anyBeacon reads every beacon: those whose format is known as what they say, and all
// others as somebody who is called what he sends.
type anyBeacon struct{}

func (anyBeacon) Prefix() []byte { return nil }

// Append is for those who announce something, and discover does not.
func (anyBeacon) Append(b []byte, _ beacon.Peer, _ bool) ([]byte, error) {
	return b, errors.ErrUnsupported
}

func (anyBeacon) Parse(b []byte, from netip.Addr) (beacon.Peer, bool, error) {
	for _, known := range []beacon.Format{beacon.ZREFormat, beacon.PeerFormat} {
		if p, leaving, err := known.Parse(b, from); err == nil {
			return p, leaving, nil
		}
	}
	if len(b) == 0 {
		return beacon.Peer{}, false, beacon.ErrMalformed
	}
	return beacon.Peer{ID: string(b)}, false, nil
}
