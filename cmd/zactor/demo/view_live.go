package demo

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// liveView keeps a table in place on a terminal, and the last events below it.
// Each frame is one Write, so that nothing flickers.
type liveView struct {
	out  io.Writer
	size func() (width, height int, err error)

	rows   []row
	at     time.Duration
	events []string // the last ones, oldest first
	drawn  int      // lines of the last frame
}

// mostEvents is how many events are remembered, and shown when there is room.
const mostEvents = 12

// The escape sequences of ECMA-48 that are used.
const (
	escUp    = "\x1b[%dA" // up by lines
	escErase = "\x1b[J"   // to the end of the screen
	escBold  = "\x1b[1m"
	escGreen = "\x1b[32m"
	escRed   = "\x1b[31m"
	escCyan  = "\x1b[36m"
	escFaint = "\x1b[2m"
	escReset = "\x1b[0m"
)

func (v *liveView) interval() time.Duration { return 200 * time.Millisecond }

func (v *liveView) event(at time.Duration, e event) {
	v.events = append(v.events, fmt.Sprintf("%s  %s", clock(at), e))
	v.events = v.events[max(0, len(v.events)-mostEvents):]
}

func (v *liveView) roster(at time.Duration, rows []row) {
	v.at, v.rows = at, rows
	v.draw("")
}

// invite prints above the table, where it stays, and unbroken, so that it can be
// copied.
func (v *liveView) invite(command string) {
	v.draw("join with:\n\n  " + command + "\n\n")
}

func (v *liveView) summary(s Summary) {
	v.draw("")
	io.WriteString(v.out, "\n"+s.String())
}

// draw writes above, which scrolls away with time, and a new frame in place of the
// last one.
func (v *liveView) draw(above string) {
	width, height, err := v.size()
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	var b bytes.Buffer
	if v.drawn > 0 {
		fmt.Fprintf(&b, escUp, v.drawn)
	}
	b.WriteString(escErase + above)
	lines := v.frame(height - 1)
	for _, l := range lines {
		b.WriteString(l.style + cut(l.text, width-1) + escReset + "\n")
	}
	v.drawn = len(lines)
	v.out.Write(b.Bytes())
}

type styled struct{ style, text string }

// frame is the table and the events, in at most so many lines: what does not fit
// on the screen can't be redrawn.
func (v *liveView) frame(most int) []styled {
	lines := []styled{
		{escBold, fmt.Sprintf("zactor demo %s", clock(v.at))},
		{escFaint, tableHead},
	}
	for _, w := range v.rows {
		lines = append(lines, styled{colour(w.State), w.String()})
	}
	if room := most - len(lines) - 1; room > 0 && len(v.events) > 0 {
		lines = append(lines, styled{})
		for _, e := range v.events[max(0, len(v.events)-room):] {
			lines = append(lines, styled{escFaint, e})
		}
	}
	return lines[:min(len(lines), max(most, 0))]
}

// tableHead and tableRow fit into 80 columns.
const (
	tableHead = "NAME     ENDPOINT        LINK  STATE  PEERS MSG/S P50MS P99MS QUEUE DROPS LIVES"
	tableRow  = "%-8.8s %-15.15s %-5.5s %-6s %5d %5.0f %5s %5s %5d %5d %5d"
	tableNote = "%-8.8s %-15.15s %-5.5s %-6s %s" // of who is outside
)

// String is a line of the table.
func (w row) String() string {
	at, link := strings.TrimPrefix(w.Endpoint, "tcp://"), cmp.Or(w.Link, "-")
	if w.Reason != "" {
		return fmt.Sprintf(tableNote, w.Name, at, link, w.State, w.Reason)
	}
	return fmt.Sprintf(tableRow, w.Name, at, link, w.State, w.Peers, w.Rate,
		shortMillis(w.RTT.P50), shortMillis(w.RTT.P99), w.Queue, w.Drops, w.Restarts+1)
}

// shortMillis writes milliseconds in at most five characters, rounded.
func shortMillis(ms float64) string {
	switch {
	case ms == 0:
		return "-"
	case ms < 9.9995:
		return fmt.Sprintf("%.3f", ms)
	case ms < 999.95:
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", min(ms, 99999))
}

func colour(state string) string {
	switch state {
	case stateUp:
		return escGreen
	case stateDown, stateDenied:
		return escRed
	case stateGuest:
		return escCyan
	}
	return ""
}

// cut shortens a line to a width, since one that wraps takes two.
func cut(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:max(width, 0)])
}
