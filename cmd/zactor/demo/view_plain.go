package demo

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// plainView prints one line per event and one for the roster each second.
type plainView struct{ out io.Writer }

func (v *plainView) interval() time.Duration { return time.Second }

func (v *plainView) event(at time.Duration, e event) {
	fmt.Fprintf(v.out, "%s  %s\n", clock(at), e)
}

func (v *plainView) roster(at time.Duration, rows []row) {
	fmt.Fprintf(v.out, "%s  roster   %s\n", clock(at), digest(rows))
}

func (v *plainView) invite(command string) {
	fmt.Fprintf(v.out, "\njoin with:\n\n  %s\n\n", command)
}

func (v *plainView) summary(s Summary) { fmt.Fprintf(v.out, "\n%s", s) }

// clock is how times are shown.
func clock(at time.Duration) string { return fmt.Sprintf("%7.3fs", at.Seconds()) }

// String is one line for people.
func (e event) String() string {
	s := fmt.Sprintf("%-8s %s", e.Kind, e.Node)
	switch e.Kind {
	case eventStart:
		s += " at " + e.Detail
	case eventEnter:
		s += " knows " + e.Peer
	case eventExit, eventDepart:
		s += " lost " + e.Peer + ": " + e.Detail
	case eventJoin:
		s += " welcomes " + e.Peer + " from " + e.Detail
	case eventPanic, eventRefused, eventTrusted:
		s += ": " + e.Detail
	case eventLie:
		s += " ignores " + e.Peer + ": " + e.Detail
	case eventDeny:
		s += " at " + e.Peer + ": " + e.Detail
	}
	return s
}

// digest is the roster in one line: the nodes' sum, and then each guest, and the
// stranger.
func digest(rows []row) string {
	var up, nodes, links, queue int
	var perSecond, p50, p99 float64
	var drops uint64
	var guests strings.Builder
	for _, w := range rows {
		if w.State == stateGuest {
			fmt.Fprintf(&guests, "; guest %s %.0f/s, rtt %.2f/%.2f ms", w.Name, w.Rate, w.RTT.P50, w.RTT.P99)
			continue
		}
		if w.Name == strangerName {
			fmt.Fprintf(&guests, "; %s %s", w.Name, w.State)
			continue
		}
		nodes++
		if w.State == stateUp {
			up++
		}
		links += w.Peers
		queue += w.Queue
		drops += w.Drops
		perSecond += w.Rate
		p50, p99 = max(p50, w.RTT.P50), max(p99, w.RTT.P99)
	}
	return fmt.Sprintf("%d/%d up, %d/%d links, %.0f msg/s, rtt p50 %.2f p99 %.2f ms, queue %d, drops %d%s",
		up, nodes, links, nodes*(nodes-1), perSecond, p50, p99, queue, drops, &guests)
}
