package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	someRows = []row{
		{Name: "node-1", Endpoint: "tcp://127.0.0.1:40001", State: stateUp, Link: curve, Peers: 2, Rate: 240, RTT: quantiles{0.123, 1.5}, Queue: 3, Drops: 1},
		{Name: "python", Endpoint: "127.0.0.1:50001", State: stateGuest, Link: curve, Peers: 1, Rate: 17, RTT: quantiles{0.4, 12.25}},
		{Name: "node-2", Endpoint: "tcp://127.0.0.1:40002", State: stateUp, Link: curve, Peers: 2, Rate: 200, RTT: quantiles{0.2, 1}, Restarts: 1},
		{Name: "node-3", State: stateDown},
		{Name: "stranger", Endpoint: "127.0.0.1", State: stateDenied, Reason: `ZAP 400: key 7f3a90c1 is not known in domain "demo"`},
	}
	someEvents = []event{
		{Kind: eventStart, Node: "node-1", ID: "a1", Detail: "tcp://127.0.0.1:40001"},
		{Kind: eventEnter, Node: "node-1", Peer: "node-2", PeerID: "b2"},
		{Kind: eventPanic, Node: "node-2", Detail: "boom"},
		{Kind: eventRestart, Node: "node-2"},
		{Kind: eventExit, Node: "node-1", Peer: "node-2", PeerID: "b2", Detail: "connection lost: EOF"},
		{Kind: eventJoin, Node: "node-1", Peer: "python", PeerID: "00ff", Detail: "127.0.0.1:50001"},
		{Kind: eventDepart, Node: "node-1", Peer: "python", PeerID: "00ff", Detail: "silent"},
		{Kind: eventLie, Node: "node-1", Peer: "python", Detail: "claims to be node-2"},
		{Kind: eventDeny, Node: "stranger", Peer: "127.0.0.1", Detail: "ZAP 400: key 7f3a90c1 is not known"},
		{Kind: eventRefused, Node: "stranger", Detail: "zmq: authentication refused"},
		{Kind: eventTrusted, Node: "stranger", Detail: "its certificate was dropped into the store"},
	}
)

// show gives a view everything once.
func show(v view) {
	for i, e := range someEvents {
		v.event(time.Duration(i)*time.Millisecond, e)
	}
	v.invite("python3 -c 1")
	v.roster(time.Second, someRows)
	v.summary(Summary{Nodes: 3, FoundMS: 12, Messages: 34})
}

func TestPlainView(t *testing.T) {
	var out bytes.Buffer
	show(newView(Options{}, &out))
	const want = `  0.000s  start    node-1 at tcp://127.0.0.1:40001
  0.001s  enter    node-1 knows node-2
  0.002s  panic    node-2: boom
  0.003s  restart  node-2
  0.004s  exit     node-1 lost node-2: connection lost: EOF
  0.005s  join     node-1 welcomes python from 127.0.0.1:50001
  0.006s  depart   node-1 lost python: silent
  0.007s  lie      node-1 ignores python: claims to be node-2
  0.008s  deny     stranger at 127.0.0.1: ZAP 400: key 7f3a90c1 is not known
  0.009s  refused  stranger: zmq: authentication refused
  0.010s  trusted  stranger: its certificate was dropped into the store

join with:

  python3 -c 1

  1.000s  roster   2/3 up, 4/6 links, 440 msg/s, rtt p50 0.20 p99 1.50 ms, queue 3, drops 1; guest python 17/s, rtt 0.40/12.25 ms; stranger denied

found     all in 12ms: 3 nodes, 0 links
`
	if got := out.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJSONView(t *testing.T) {
	var out bytes.Buffer
	show(newView(Options{JSON: true}, &out))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := len(someEvents) + 3; len(lines) != want {
		t.Fatalf("%d lines, want %d", len(lines), want)
	}
	for i, l := range lines {
		var s shown
		if err := json.Unmarshal([]byte(l), &s); err != nil {
			t.Fatalf("line %q: %v", l, err)
		}
		want := "event"
		if i >= len(someEvents) {
			want = []string{"invite", "roster", "summary"}[i-len(someEvents)]
		}
		if s.Type != want {
			t.Errorf("line %q: want the type %s", l, want)
		}
	}
	const join = `{"type":"event","ms":5,"kind":"join","node":"node-1","peer":"python","peer_id":"00ff","detail":"127.0.0.1:50001"}`
	if lines[5] != join {
		t.Errorf("got  %s\nwant %s", lines[5], join)
	}
}

// A screen is as much of a terminal as the live view needs.
type screen struct {
	lines  []string
	cursor int // line; writing begins at its start
}

var upward = regexp.MustCompile(`^\x1b\[(\d+)A`)

func (s *screen) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if m := upward.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1])
			if n > s.cursor {
				return 0, fmt.Errorf("up %d from line %d", n, s.cursor)
			}
			s.cursor -= n
			text = text[len(m[0]):]
			continue
		}
		if rest, ok := strings.CutPrefix(text, escErase); ok {
			s.lines = s.lines[:min(len(s.lines), s.cursor)]
			text = rest
			continue
		}
		l, rest, _ := strings.Cut(text, "\n")
		s.lines = append(s.lines[:s.cursor], l)
		s.cursor++
		text = rest
	}
	return len(p), nil
}

var style = regexp.MustCompile(`\x1b\[\d*m`)

// However often it is drawn, there is one table on the screen, nothing of it is
// wider than the terminal, and what was printed above stays.
func TestLiveView(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 50}, {40, 8}, {5, 3}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := &screen{}
			v := &liveView{out: s, size: func() (int, int, error) { return size[0], size[1], nil }}
			for i := range 40 {
				v.event(time.Duration(i)*time.Second, someEvents[i%len(someEvents)])
				v.roster(time.Duration(i)*time.Second, someRows[:1+i%len(someRows)])
				if i == 7 {
					v.invite("python3 -c 1")
				}
			}
			checkScreen(t, s, size[0], size[1])
		})
	}
}

func checkScreen(t *testing.T, s *screen, width, height int) {
	t.Helper()
	text := style.ReplaceAllString(strings.Join(s.lines, "\n"), "")
	const above = "join with:\n\n  python3 -c 1\n\n"
	table, ok := strings.CutPrefix(text, above)
	if !ok {
		t.Fatalf("the invitation is not above the table:\n%s", text)
	}
	lines := strings.Split(table, "\n")
	if len(lines) >= height {
		t.Errorf("%d lines can't be redrawn on a screen of %d", len(lines), height)
	}
	for _, l := range lines {
		if len(l) >= width {
			t.Errorf("%q is wider than the screen of %d", l, width)
		}
	}
	if width >= 80 {
		for _, want := range []string{"zactor demo  39.000s", tableHead, someRows[3].String(), "39.000s  depart   node-1 lost python"} {
			if strings.Count(table, want) != 1 {
				t.Errorf("%q is there %d times:\n%s", want, strings.Count(table, want), table)
			}
		}
	}
}

func TestTableRow(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{someRows[0], "node-1   127.0.0.1:40001 CURVE up         2   240 0.123 1.500     3     1     1"},
		{row{Name: `"a very long name of a guest"`, Endpoint: "127.0.0.1:50001", State: stateGuest, Peers: 1, RTT: quantiles{123.456, 1e9}},
			`"a very  127.0.0.1:50001 -     guest      1     0 123.5 99999     0     0     1`},
		{someRows[3], "node-3                   -     down       0     0     -     -     0     0     1"},
	} {
		got := c.row.String()
		if got != c.want || len(got) != len(tableHead) || len(got) >= 80 {
			t.Errorf("got\n%s\nwant\n%s\nunder\n%s", got, c.want, tableHead)
		}
	}
	const want = `stranger 127.0.0.1       -     denied ZAP 400: key 7f3a90c1 is not known in domain "demo"`
	if got := someRows[4].String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestShortMillis(t *testing.T) {
	for ms, want := range map[float64]string{
		0: "-", 0.001: "0.001", 9.999: "9.999", 9.9996: "10.0", 999.94: "999.9", 999.96: "1000", 1e9: "99999",
	} {
		if got := shortMillis(ms); got != want || len(got) > 5 {
			t.Errorf("%v: %q, want %q", ms, got, want)
		}
	}
}
