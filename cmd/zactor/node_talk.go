package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// sendPatience is how long a peer that has no room is waited for.
const sendPatience = 5 * time.Second

// errScript says that lines of a script could not be said or done; why stands in the
// output.
var errScript = cli.Failed("the lines that begin with ! say why", "not every line could be said or done")

// A talk is a node with a screen. All of it belongs to the goroutine of run.
type talk struct {
	flags   nodeFlags
	opts    []zyre.Option
	screen  *screen
	headers map[string]string
	group   string // that lines are said to; "" if the node is in none
	wait    int    // for so many peers, before the next line is read

	node   *zyre.Node
	events <-chan zyre.Event
	leave  func() // stops node, and ends events
	over   bool
	failed bool
}

func newTalk(f nodeFlags, opts []zyre.Option, s *screen) *talk {
	t := &talk{flags: f, opts: opts, screen: s, headers: map[string]string{}, group: f.group, wait: f.wait}
	for _, h := range f.headers {
		t.headers[h[0]] = h[1]
	}
	return t
}

// run is the node's life.
func (t *talk) run(ctx context.Context) error {
	if err := t.enter(ctx, t.group); err != nil {
		return err
	}
	defer func() { t.leave() }()
	t.prompt()
	for lines := t.screen.lines; !t.over; {
		next := lines
		if t.waits() {
			next = nil
		}
		select {
		case <-ctx.Done():
			return t.result()
		case e, ok := <-t.events:
			if !ok {
				return t.result()
			}
			t.show(e)
		case line, ok := <-next:
			switch {
			case ok:
				t.obey(ctx, line)
			case t.flags.stay:
				lines = nil
			default:
				return t.result()
			}
		}
	}
	return t.result()
}

// prompt shows whom lines are said to.
func (t *talk) prompt() {
	t.screen.prompt(fmt.Sprintf("%s@%s> ", shown(t.node.Name()), shown(t.group)))
}

// talkTo says lines to another group from now on.
func (t *talk) talkTo(group string) {
	t.group = group
	t.prompt()
	if group == "" {
		t.say("you are in no group")
	} else {
		t.say("you talk to %s", shown(group))
	}
}

// waits reports whether peers have to come before the next line is read. That they go
// again makes no difference.
func (t *talk) waits() bool {
	if t.wait > 0 && len(t.node.Peers()) >= t.wait {
		t.wait = 0
	}
	return t.wait > 0
}

func (t *talk) result() error {
	if t.failed {
		return errScript
	}
	return nil
}

// enter starts a node in some groups.
func (t *talk) enter(ctx context.Context, groups ...string) (err error) {
	opts := slices.Clone(t.opts)
	for name, value := range t.headers {
		opts = append(opts, zyre.WithHeader(name, value))
	}
	opts = append(opts, zyre.WithGroups(groups...))
	n, err := zyre.New(context.WithoutCancel(ctx), t.flags.name, opts...) // leave ends it
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	t.node, t.events = n, n.Chan(ctx)
	t.leave = func() { _ = n.Close(); cancel() }
	t.say("you are %s, node %s, at %s", shown(n.Name()), n.ID(), n.Endpoint())
	return nil
}

// again leaves and enters anew, in the same groups: a node's headers are told once.
func (t *talk) again(ctx context.Context) error {
	groups := t.node.Groups()
	t.leave()
	if err := t.enter(ctx, groups...); err != nil {
		return err
	}
	t.prompt() // one without a name of its own has another one now
	return nil
}

// say prints a line.
func (t *talk) say(format string, args ...any) { fmt.Fprintf(t.screen, format+"\n", args...) }

// obey does what a line wants.
func (t *talk) obey(ctx context.Context, line string) {
	if err := t.do(ctx, strings.TrimRight(line, "\r")); err != nil {
		t.failed = t.failed || !t.screen.terminal
		t.say("! %v", err)
	}
}

func (t *talk) do(ctx context.Context, line string) error {
	name, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "":
		return nil
	case !strings.HasPrefix(line, "/"):
		if t.group == "" {
			return fmt.Errorf("no group to say it to: /join one")
		}
		return t.shout(ctx, t.group, line)
	}
	i := slices.IndexFunc(orders, func(o order) bool { return o.name == name })
	if i < 0 {
		return fmt.Errorf("%s: no such command; /help lists them", shown(name))
	}
	return orders[i].do(t, ctx, strings.TrimSpace(rest))
}

func (t *talk) shout(ctx context.Context, group, text string) error {
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	if len(t.node.Members(group)) == 0 {
		return fmt.Errorf("nobody else is in %s", shown(group))
	}
	return t.node.Shout(ctx, group, msg.NewString(text))
}

func (t *talk) whisper(ctx context.Context, to, text string) error {
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	id, err := t.peer(to)
	if err != nil {
		return err
	}
	return t.node.Whisper(ctx, id, msg.NewString(text))
}

// peer finds a peer by its name, or by the first digits of its UUID.
func (t *talk) peer(who string) (zyre.ID, error) {
	var found []zyre.ID
	for _, p := range t.node.Peers() {
		if who != "" && (p.Name == who || strings.HasPrefix(p.ID.String(), strings.ToUpper(who))) {
			found = append(found, p.ID)
		}
	}
	switch len(found) {
	case 0:
		return zyre.ID{}, fmt.Errorf("%q: nobody is called that; /peers lists who is there", who)
	case 1:
		return found[0], nil
	}
	return zyre.ID{}, fmt.Errorf("%q: %d peers are called that; the first digits of a UUID tell them apart", who, len(found))
}

// show prints an event. Texts of peers are shown so that they do nothing else.
func (t *talk) show(e zyre.Event) {
	name := shown(e.Name)
	switch e.Kind {
	case zyre.Enter:
		t.say("+ %s is here: node %s at %s%s", name, e.Peer, e.Endpoint, headerText(e.Headers))
	case zyre.Exit:
		t.say("- %s is gone: %v", name, e.Reason)
	case zyre.Join:
		t.say("+ %s has joined %s", name, shown(e.Group))
	case zyre.Leave:
		t.say("- %s has left %s", name, shown(e.Group))
	case zyre.Evasive:
		t.say("? %s is silent", name)
	case zyre.Recovered:
		t.say("? %s is not silent any more", name)
	case zyre.Shout:
		t.say("[%s] %s: %s", shown(e.Group), name, frameText(e.Msg))
	case zyre.Whisper:
		t.say("%s whispers: %s", name, frameText(e.Msg))
	case zyre.Lost:
		t.say("! %d events were missed", e.Missing)
	case zyre.Refused:
		t.refused(e)
	}
}

// refused prints who was refused by whom, and what to copy where.
func (t *talk) refused(e zyre.Event) {
	who := shown(e.Name)
	if e.Name == "" && e.Peer != (zyre.ID{}) {
		who = "node " + e.Peer.String()
	} else if e.Name == "" {
		who = "a node"
	}
	if e.Endpoint != "" {
		who += " at " + e.Endpoint
	}
	t.say("! %s: %s", who, shown(strings.TrimPrefix(e.Err.Error(), "zyre: ")))
	switch {
	case e.ByPeer && t.flags.cert != "":
		t.say("!   copy %s there, into the directory of its --trust", shown(t.flags.cert))
	case !e.ByPeer && e.Key != "" && t.flags.trust != "":
		t.say("!   copy its certificate into %s; its public key is %s", shown(t.flags.trust), e.Key)
	}
}

// frameText is a message on one line.
func frameText(m msg.Msg) string {
	texts := make([]string, m.Len())
	for i, f := range m.Frames {
		texts[i] = shown(string(f))
	}
	return strings.Join(texts, " | ")
}

// headerText is ", NAME=VALUE" for each header.
func headerText(headers map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		fmt.Fprintf(&b, ", %s=%s", shown(name), shown(headers[name]))
	}
	return b.String()
}
