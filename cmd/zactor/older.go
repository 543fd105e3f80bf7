package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/demo"
)

// A reader is a command that reads its flags itself, in the manner of Go's flag package:
// it takes -json as well as --json.
type reader struct {
	name, short string
	verbs       []string // its own commands
	run         func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

var readers = []reader{
	{"demo", "Start nodes that find each other, work, fail and come back, all over CURVE", nil,
		func(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
			return demo.Main(ctx, args, stdout, stderr)
		}},
	{"node", "Be a node of the ZRE network (zyre), and talk to the others", nil, runNode},
	{"discover", "Show who is on the network, by whatever means they are known", nil,
		func(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
			return runDiscover(ctx, args, stdout, stderr)
		}},
	{"beacon", "Send and hear UDP beacons", []string{"listen", "send"}, runBeacon},
	{"cert", "Make and read CURVE certificates", []string{"new", "show", "public", "list", "verify"},
		func(_ context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
			return runCert(args, stdout, stderr)
		}},
}

// older are the commands that read their flags themselves.
func (t *tool) older() (all []*cobra.Command) {
	for _, r := range readers {
		all = append(all, &cobra.Command{
			Use:                r.name,
			Short:              r.short,
			GroupID:            "network",
			DisableFlagParsing: true,
			ValidArgs:          r.verbs,
			Args:               cobra.ArbitraryArgs,
			RunE: func(c *cobra.Command, args []string) error {
				t.code = r.run(c.Context(), args, t.Stdin, t.Stdout, t.Stderr)
				return nil
			},
		})
	}
	return all
}
