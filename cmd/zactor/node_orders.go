package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/go-zactor/zactor/zyre"
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
	peers := t.node.Peers()
	if err := writePeers(t.screen, peers); err != nil {
		return err
	}
	t.say("%d peers", len(peers))
	return nil
}

// columns is how wide a line of a list may be: where a terminal has 80, a longer one would be
// broken, and the table with it.
const columns = 79

// writePeers lists peers: as many digits of each UUID as tell them apart, for /whisper, the
// name, and where the peer is. Its groups and headers stand behind, or below where there is
// no room.
func writePeers(w io.Writer, peers []zyre.Peer) error {
	var heads strings.Builder
	table, digits := tabwriter.NewWriter(&heads, 0, 0, 2, ' ', 0), digitsOf(peers)
	for _, p := range peers {
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.ID.String()[:digits], short(shown(p.Name)), p.Endpoint)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	lines := strings.Split(heads.String(), "\n")
	for i, p := range peers {
		if err := writeFolded(w, lines[i], wordsOf(p)); err != nil {
			return err
		}
	}
	return nil
}

// short cuts a name that would leave no room for the endpoint.
func short(name string) string {
	const most = 28
	if r := []rune(name); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return name
}

// fewestDigits of a UUID are what zyre calls a node that has no name.
const fewestDigits = 6

// digitsOf is how many digits tell the UUIDs of peers apart.
func digitsOf(peers []zyre.Peer) int {
	n := fewestDigits
	for i, p := range peers {
		for _, q := range peers[:i] {
			a, b := p.ID.String(), q.ID.String()
			for n < len(a) && a[:n] == b[:n] {
				n++
			}
		}
	}
	return n
}

// wordsOf are what a peer is in, and its headers: what is not broken.
func wordsOf(p zyre.Peer) []string {
	words := []string{"in"}
	for _, g := range p.Groups {
		words = append(words, shown(g))
	}
	if p.Evasive {
		words[len(words)-1] += ","
		words = append(words, "silent")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		words[len(words)-1] += ","
		words = append(words, shown(name)+"="+shown(p.Headers[name]))
	}
	return words
}

// writeFolded writes words behind a head, and what has no room there in lines of their own.
func writeFolded(w io.Writer, head string, words []string) error {
	line, gap := head, "  "
	for _, word := range words {
		if utf8.RuneCountInString(line+gap+word) > columns && line != "" {
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
			line, gap = "", "        "
		}
		line += gap + word
		gap = " "
	}
	_, err := fmt.Fprintln(w, line)
	return err
}
