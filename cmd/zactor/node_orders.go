package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// An order is a command that is typed while the node is there.
type order struct {
	name, args, help string
	do               func(t *talk, ctx context.Context, rest string) error
}

var orders []order

// They stand here, because the help is one of them.
func init() {
	orders = []order{
		{"/peers", "", "list who is there", func(t *talk, _ context.Context, _ string) error { return t.listPeers() }},
		{"/whisper", "PEER TEXT", "say something to a peer: its name, or first digits of UUID", doWhisper},
		{"/shout", "GROUP TEXT", "say something to a group", doShout},
		{"/join", "GROUP", "join a group, and talk to it from now on", doJoin},
		{"/leave", "GROUP", "leave a group", doLeave},
		{"/groups", "", "list the groups that you are in", doGroups},
		{"/header", "NAME=VALUE", "set a header; the node leaves and enters again for it", doHeader},
		{"/wait", "N", "read on when N peers are there", doWait},
		{"/help", "", "list the commands", doHelp},
		{"/quit", "", "leave", func(t *talk, _ context.Context, _ string) error { t.over = true; return nil }},
	}
}

// errArguments says that an order lacks something.
var errArguments = errors.New("too few arguments; /help says which")

func doWhisper(t *talk, ctx context.Context, rest string) error {
	to, text, ok := strings.Cut(rest, " ")
	if !ok {
		return errArguments
	}
	return t.whisper(ctx, to, text)
}

func doShout(t *talk, ctx context.Context, rest string) error {
	group, text, ok := strings.Cut(rest, " ")
	if !ok {
		return errArguments
	}
	return t.shout(ctx, group, text)
}

func doJoin(t *talk, _ context.Context, group string) error {
	if err := t.node.Join(group); err != nil {
		return err
	}
	t.talkTo(group)
	return nil
}

func doLeave(t *talk, _ context.Context, group string) error {
	if err := t.node.Leave(group); err != nil {
		return err
	}
	if t.group != group {
		return nil
	}
	others := append(t.node.Groups(), "")
	t.talkTo(others[0])
	return nil
}

func doGroups(t *talk, _ context.Context, _ string) error {
	for _, g := range t.node.Groups() {
		t.say("%s: you and %d more", shown(g), len(t.node.Members(g)))
	}
	return nil
}

func doHeader(t *talk, ctx context.Context, rest string) error {
	name, value, ok := strings.Cut(rest, "=")
	if !ok {
		return errArguments
	}
	old, had := t.headers[name]
	t.headers[name] = value
	err := t.again(ctx)
	if err == nil {
		return nil
	}
	// It is no header, and so the one before is put back.
	if delete(t.headers, name); had {
		t.headers[name] = old
	}
	return errors.Join(err, t.again(ctx))
}

func doWait(t *talk, _ context.Context, rest string) error {
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 {
		return fmt.Errorf("/wait %q: must be a number of peers", rest)
	}
	t.wait = n
	return nil
}

func doHelp(t *talk, _ context.Context, _ string) error {
	return writeHelp(t.screen)
}

// writeHelp lists the orders, in lines that fit into 80 columns.
func writeHelp(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "TEXT\tsay it to the group that you are talking to\n")
	for _, o := range orders {
		fmt.Fprintf(table, "%s\t%s\n", strings.TrimSpace(o.name+" "+o.args), o.help)
	}
	return table.Flush()
}

// listPeers prints the roster.
func (t *talk) listPeers() error {
	table := tabwriter.NewWriter(t.screen, 0, 0, 2, ' ', 0)
	for _, p := range t.node.Peers() {
		groups := make([]string, len(p.Groups))
		for i, g := range p.Groups {
			groups[i] = shown(g)
		}
		state := ""
		if p.Evasive {
			state = ", silent"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\tin %s%s%s\n", p.ID, shown(p.Name), p.Endpoint, strings.Join(groups, " "), state, headerText(p.Headers))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	t.say("%d peers", len(t.node.Peers()))
	return nil
}
