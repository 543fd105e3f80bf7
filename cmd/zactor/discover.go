package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/mdns"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/gossip"
)

const discoverAbout = `Show who is on the network, by whatever means they make themselves known, as they come,
change and go: beacons of zyre nodes, of this module's peers and of anybody else, services
of multicast DNS, and tuples of gossip hubs. Each has one entry, however often it is heard.
The command itself says nothing but the questions of multicast DNS.

A line begins with "+" for what was found, "~" for what has changed, and "-" for what was
lost. What is shown is what is said on the network, and proves nothing.

It ends with 3 if --for is over and nothing was found, or fewer than -n.`

// discover is "zactor discover".
type discover struct {
	networkFlags
	tool     *tool
	types    []string
	hubs     []string
	mdnsPort int
	noBeacon bool
	noMDNS   bool
	period   time.Duration
	count    int
	found    int
}

func (t *tool) discoverCommand() *cobra.Command {
	d := discover{tool: t}
	c := &cobra.Command{
		Use: "discover", Short: "Show who is on the network, by whatever means they are known", Long: discoverAbout,
		GroupID: "network", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := d.checkAll(); err != nil {
				return err
			}
			return d.run(c.Context())
		},
	}
	f := c.Flags()
	d.networkFlags.add(f)
	f.StringArrayVar(&d.types, "type", []string{"_zre._tcp"}, "a `TYPE` of service; may be repeated")
	f.StringArrayVar(&d.hubs, "gossip", nil, "a gossip hub to connect to, an `ENDPOINT`; may be repeated")
	f.IntVar(&d.mdnsPort, "mdns-port", 5353, "the UDP port of multicast DNS")
	f.BoolVar(&d.noBeacon, "no-beacon", false, "leave the beacons out")
	f.BoolVar(&d.noMDNS, "no-mdns", false, "leave multicast DNS out")
	f.DurationVar(&d.period, "for", 0, "end after this `TIME`, such as 5s")
	f.IntVarP(&d.count, "count", "n", 0, "end after `N` lines")
	return c
}

func (d *discover) checkAll() error {
	if d.count < 0 {
		return cli.Usage("", "-n %d: must be 0 or more", d.count)
	}
	if d.noBeacon && d.noMDNS && len(d.hubs) == 0 {
		return cli.Usage("", "--no-beacon and --no-mdns: nothing is left but --gossip")
	}
	if d.noBeacon && d.noMDNS {
		return d.check() // hubs may be anywhere
	}
	return d.ready(d.tool)
}

// run shows what is heard until ctx ends.
func (d *discover) run(ctx context.Context) error {
	sources, err := d.sources(ctx)
	if err != nil && len(sources) == 0 {
		return err
	}
	if err != nil { // one way is better than none
		d.tool.Note("%v", err)
	}
	r := beacon.NewRoster(context.WithoutCancel(ctx), sources...)
	defer r.Close()
	ctx, cancel := limited(ctx, d.period)
	defer cancel()
	for e := range r.Events(ctx) {
		d.found++
		if err := d.show(e); err != nil {
			return err
		}
		if d.found == d.count {
			return nil
		}
	}
	if err := r.Err(); err != nil {
		return err
	}
	return d.unheard(ctx, d.found, d.count, d.period)
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
		if err := n.Connect(cli.Endpoint(hub)); err != nil {
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
	if d.tool.JSON {
		return json.NewEncoder(d.tool.Stdout).Encode(newFound(e))
	}
	mark := map[beacon.EventKind]string{beacon.Found: "+", beacon.Changed: "~", beacon.Lost: "-"}[e.Kind]
	_, err := fmt.Fprintln(d.tool.Stdout, mark, describe(e.Entry))
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

// placeOf says where a peer was heard: "udp from 10.1.2.3 on eth0".
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

// heard is a place where a peer is heard.
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
// others as a peer that is called what it sends.
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
