package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// network are the commands that were there before the others. They have taken flags in the
// manner of Go's flag package, and still do: see doubled.
func (t *tool) network() []*cobra.Command {
	return []*cobra.Command{
		t.demoCommand(), t.nodeCommand(), t.discoverCommand(), t.beaconCommand(), t.gossipCommand(), t.certCommand(),
	}
}

// doubled gives the long flags of those commands a second dash where they have one, and
// makes "cert help" of the time before into "cert --help".
func (t *tool) doubled(args []string) []string {
	c, rest, err := t.root.Find(args)
	if err != nil || len(args) == 0 || c == t.root || !t.isOlder(c) {
		return args
	}
	if c.HasSubCommands() && len(rest) == 1 && rest[0] == "help" || !c.HasSubCommands() && len(rest) > 0 && rest[0] == "help" {
		return append(args[:len(args)-len(rest):len(args)-len(rest)], "--help")
	}
	out := append([]string(nil), args...)
	for i, a := range out {
		if a == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(a, "-"), "=")
		if strings.HasPrefix(a, "-") && len(name) > 1 && (name == "help" || c.Flag(name) != nil || t.root.PersistentFlags().Lookup(name) != nil) {
			out[i] = "-" + a
		}
	}
	return out
}

func (t *tool) isOlder(c *cobra.Command) bool {
	for ; c != nil; c = c.Parent() {
		if c.GroupID == "network" && c.Name() != "gossip" {
			return true
		}
	}
	return false
}
