package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/demo"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

const demoAbout = `Start nodes that find each other by zyre on this host's loopback, whisper to each other,
publish news and share work, all over CURVE links with fresh keys. Then one of them panics,
and comes back; and a stranger is refused, and joins when its certificate has been dropped
into the store. Exits with 0 if everybody was found, nothing was lost, the node returned, and
nobody came in who was not trusted.`

// demoCommand is zactor demo.
func (t *tool) demoCommand() *cobra.Command {
	var o demo.Options
	c := &cobra.Command{
		Use: "demo", Short: "Start nodes that find each other, work, fail and come back, all over CURVE", Long: demoAbout,
		GroupID: "network", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := (&networkFlags{local: true}).alive(); err != nil {
				return err
			}
			o.JSON = t.JSON
			s, err := demo.Run(c.Context(), o, t.Stdout)
			if errors.Is(err, demo.ErrUsage) {
				return cli.Usage("zactor demo --help explains", "%w", err)
			}
			if len(s.Failed) > 0 {
				t.code = exitFail // the summary has said what
			}
			return err
		},
	}
	c.Flags().IntVar(&o.Nodes, "nodes", 5, "so many `NODES`, 2 to 32")
	c.Flags().DurationVar(&o.Duration, "duration", 0, "for this `TIME` (default 10s; 1m0s with --open)")
	c.Flags().BoolVar(&o.Open, "open", false, "print a command by which a Python program on libzmq joins")
	return c
}
