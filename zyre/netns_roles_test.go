//go:build interop && linux

package zyre

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/netns"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
)

func init() { play = proc.Roles{"node": playNode}.Play }

// partVariable has a part, as JSON.
const partVariable = "ZACTOR_ZYRE_PART"

// part is how a node on a host of its own is made.
type part struct {
	Name             string
	Evasive, Expired time.Duration
	IPv6             bool
}

func (p part) options() []Option {
	opts := []Option{
		WithTimeouts(p.Evasive, p.Expired), WithInterval(100 * time.Millisecond), WithLinger(200 * time.Millisecond),
		WithBeacon(beacon.WithRescan(100 * time.Millisecond)),
	}
	if p.IPv6 {
		opts = append(opts, WithIPv6(true))
	}
	return opts
}

// remark is an event as the process of a node tells it.
type remark struct {
	Event EventKind
	At    time.Time
	Peer  ID
	Name  string
	Where string // Enter: its endpoint
	Why   string // Exit
	Text  string // Whisper
}

// account is what a node says of itself.
type account struct {
	Peers       map[string]string // endpoints by name
	Descriptors int
	Stats       Stats
}

// playNode is a node. It prints its events, and obeys lines: "report", and "whisper"
// with a UUID and a text.
func playNode() error {
	var p part
	if err := json.Unmarshal([]byte(os.Getenv(partVariable)), &p); err != nil {
		return err
	}
	n, err := New(context.Background(), p.Name, p.options()...)
	if err != nil {
		return err
	}
	events := n.Events(context.Background())
	defer n.Close()
	go func() {
		for e := range events {
			r := remark{e.Kind, time.Now(), e.Peer, e.Name, e.Endpoint, e.Reason.String(), string(slices.Concat(e.Msg.Frames...))}
			text, _ := json.Marshal(r)
			fmt.Printf("%v %s\n", e.Kind, text)
		}
	}()
	fmt.Println("READY", n.ID())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if err := obey(n, in.Text()); err != nil {
			return err
		}
	}
	return nil
}

func obey(n *Node, line string) error {
	words := strings.SplitN(line, " ", 3)
	if words[0] == "whisper" {
		id, err := ParseID(words[1])
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), ztest.Patience)
		defer cancel()
		return n.Whisper(ctx, id, msg.NewString(words[2]))
	}
	a := account{Peers: map[string]string{}, Stats: n.Stats()}
	for _, p := range n.Peers() {
		a.Peers[p.Name] = p.Endpoint
	}
	var err error
	if a.Descriptors, err = netns.Descriptors(); err != nil {
		return err
	}
	text, err := json.Marshal(a)
	fmt.Printf("REPORT %s\n", text)
	return err
}

// station is a node on a host.
type station struct {
	*proc.Peer
	t    *testing.T
	name string
	id   ID
}

// settle starts a node on a host.
func settle(t *testing.T, l *netns.LAN, host string, p part) *station {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	s := &station{Peer: l.Role(host, "node", partVariable+"="+string(text)), t: t, name: p.Name}
	if s.id, err = ParseID(s.Want("READY ")); err != nil {
		t.Fatal(err)
	}
	return s
}

// roster are the kinds of events that a peer's coming and going makes.
var roster = []EventKind{Enter, Exit, Evasive, Recovered}

// hears is the next event that has one of the kinds.
func (s *station) hears(kinds ...EventKind) (r remark) {
	s.t.Helper()
	var prefixes []string
	for _, k := range kinds {
		prefixes = append(prefixes, k.String()+" ")
	}
	_, text := s.WantAny(prefixes...)
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		s.t.Fatalf("%s says %q: %v", s.name, text, err)
	}
	return r
}

// report asks the node about itself. The events before the answer are lost.
func (s *station) report() (a account) {
	s.t.Helper()
	s.Say("report")
	text := s.Want("REPORT ")
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		s.t.Fatalf("%s says %q: %v", s.name, text, err)
	}
	return a
}

// tells has one node whisper to another, and checks that it arrives.
func (s *station) tells(to *station, text string) {
	s.t.Helper()
	s.Say("whisper", to.id, text)
	if got := to.hears(Whisper); got.Peer != s.id || got.Text != text {
		s.t.Errorf("%s hears %q of %s, want %q of %s", to.name, got.Text, got.Name, text, s.name)
	}
}

// invite starts a pete, who is none of ours, on a host.
func invite(t *testing.T, l *netns.LAN, host, where string, id ID) *pete {
	t.Helper()
	p := &pete{l.Run(host, nil, proc.PythonPath, "testdata/zre_peer.py", itoa(beacon.DefaultPort), strings.ToLower(id.String()), "clear", where), t, id}
	p.heard("READY")
	return p
}
