package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/gossip"
)

const gossipAbout = `Be a node of a gossip network: hear its tuples, and publish some. Each node has all of them;
they may be linked in any way, and zgossip of czmq is one of them.

  zactor gossip -b '*:5670'                                 a hub
  zactor gossip -c h:5670 --publish service/web=tcp://10.0.0.7:80 --ttl 1m
  zactor gossip -c h:5670 --for 5s --json                   what there is

A line begins with "+" for a tuple that is new, "~" for one that has changed and "-" for one
that is gone. --cert encrypts, --trust says who may link, --curve-server has the key of the
node that -c names.`

// gossiper are the flags of zactor gossip.
type gossiper struct {
	tool          *tool
	bind, connect []string
	publish       metaFlag
	ttl, period   time.Duration
	count, heard  int
}

func (t *tool) gossipCommand() *cobra.Command {
	g := gossiper{tool: t}
	c := &cobra.Command{
		Use: "gossip -c|-b ENDPOINT", Short: "Hear the tuples of a gossip network, and publish some", Long: gossipAbout,
		GroupID: "network", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := g.check(); err != nil {
				return err
			}
			return g.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringArrayVarP(&g.bind, "bind", "b", nil, "bind this `ENDPOINT`; may be repeated")
	f.StringArrayVarP(&g.connect, "connect", "c", nil, "link to the node at this `ENDPOINT`; may be repeated")
	f.Var(&g.publish, "publish", "publish a tuple, `KEY=VALUE`; may be repeated")
	f.DurationVar(&g.ttl, "ttl", 0, "tuples end so much `TIME` after this node has (default never)")
	f.DurationVar(&g.period, "for", 0, "end after this `TIME`, such as 5s")
	f.IntVarP(&g.count, "count", "n", 0, "end after `N` changes")
	return c
}

func (g *gossiper) check() error {
	switch s := g.tool.Security; {
	case len(g.bind)+len(g.connect) == 0:
		return cli.Usage("zactor gossip -c h:5670", "no endpoint: it is to connect or to bind")
	case g.ttl < 0:
		return cli.Usage("", "--ttl %v: must be 0 or more", g.ttl)
	case g.count < 0:
		return cli.Usage("", "-n %d: must be 0 or more", g.count)
	case s.Plain != "":
		return cli.Usage("--cert FILE encrypts", "--plain: gossip links have CURVE or nothing")
	case s.CurveServer != "" && s.Cert == "":
		return cli.Usage("zactor cert new FILE makes one", "--curve-server: there is no --cert")
	}
	return nil
}

// open makes the node, and links it.
func (g *gossiper) open(ctx context.Context) (*gossip.Node, func(), error) {
	security := g.tool.Security
	security.CurveServer = "" // a node is a server and a client
	link, err := security.Link(ctx)
	if err != nil {
		return nil, nil, err
	}
	var opts []gossip.Option
	if security.Cert != "" {
		own, err := security.Own()
		if err != nil {
			link.Close()
			return nil, nil, err
		}
		opts = append(opts, gossip.WithCurve(own))
	}
	n, err := gossip.New(link.Context, opts...)
	if err != nil {
		link.Close()
		return nil, nil, err
	}
	release := func() { n.Close(); link.Close() }
	if err := g.attach(n); err != nil {
		release()
		return nil, nil, err
	}
	return n, release, nil
}

func (g *gossiper) attach(n *gossip.Node) error {
	for _, b := range g.bind {
		at, err := n.Bind(cli.Endpoint(b))
		if err != nil {
			return err
		}
		g.tool.Note("bound to %s", at)
	}
	var opts []gossip.ConnectOption
	if g.tool.Security.CurveServer != "" {
		key, err := cli.PublicKey(g.tool.Security.CurveServer)
		if err != nil {
			return err
		}
		opts = append(opts, gossip.WithServerKey(key))
	}
	for _, c := range g.connect {
		if err := n.Connect(cli.Endpoint(c), opts...); err != nil {
			return err
		}
	}
	return nil
}

func (g *gossiper) run(ctx context.Context) error {
	n, release, err := g.open(ctx)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := limited(ctx, g.period)
	defer cancel()
	events := n.Events(ctx)
	stop, err := g.say(ctx, n)
	if err != nil {
		return err
	}
	defer stop()
	for e := range events {
		if err := g.show(e); err != nil {
			return err
		}
		if g.heard++; g.heard == g.count {
			return nil
		}
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	return g.late(n.Stats().Links)
}

// late is the error of a time that is over: nobody was there, or too little was told.
func (g *gossiper) late(links int) error {
	switch {
	case g.heard == 0 && links == 0:
		return &cli.Error{Code: cli.ExitNobody, Err: fmt.Errorf("no link in %v", g.period), Hint: "zactor ping ENDPOINT finds out who is there"}
	case g.heard < g.count:
		return &cli.Error{Code: cli.ExitNobody, Err: fmt.Errorf("%d of %d changes in %v", g.heard, g.count, g.period), Hint: "without -n, what was told by then will do"}
	}
	return nil
}

// say publishes, and with a --ttl again and again until ctx ends.
func (g *gossiper) say(ctx context.Context, n *gossip.Node) (stop func(), err error) {
	tell := func() (err error) {
		for _, p := range g.publish {
			err = errors.Join(err, n.Publish(p[0], p[1], g.ttl))
		}
		return err
	}
	if err := tell(); err != nil {
		return nil, cli.Usage("", "--publish: %w", err)
	}
	if g.ttl == 0 || len(g.publish) == 0 {
		return func() {}, nil
	}
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(ended)
		tick := time.NewTicker(max(g.ttl/3, time.Millisecond))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := tell(); err != nil {
					g.tool.Note("%v", err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-ended }, nil
}

// tuple is an event in JSON.
type tuple struct {
	Kind  string    `json:"kind"` // "found", "changed" or "lost"
	Key   string    `json:"key"`
	Value string    `json:"value"`
	Until time.Time `json:"until,omitzero"`
}

func (g *gossiper) show(e gossip.Event) error {
	if g.tool.JSON {
		return json.NewEncoder(g.tool.Stdout).Encode(tuple{e.Kind.String(), e.Key, e.Value, e.Until})
	}
	mark := map[gossip.EventKind]string{gossip.Found: "+", gossip.Changed: "~", gossip.Lost: "-"}[e.Kind]
	_, err := fmt.Fprintf(g.tool.Stdout, "%s %s %s\n", mark, shown(e.Key), shown(e.Value))
	return err
}
