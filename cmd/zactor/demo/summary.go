package demo

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// A Summary is what the demo has come to.
type Summary struct {
	Nodes       int      `json:"nodes"`
	Links       int      `json:"links"`    // of the nodes to each other, at the end
	FoundMS     float64  `json:"found_ms"` // until every node knew every other; 0 if they never did
	Messages    uint64   `json:"messages"`
	Whispers    uint64   `json:"whispers"`
	Echoes      uint64   `json:"echoes"`
	Orphaned    uint64   `json:"orphaned"` // whispers to a peer that left before it answered
	News        uint64   `json:"news"`
	Tasks       uint64   `json:"tasks"`
	Requeued    uint64   `json:"requeued"` // tasks given out again
	Lost        uint64   `json:"lost"`
	Restarts    int      `json:"restarts"`
	Victim      string   `json:"victim"`
	Left        int      `json:"left"`     // peers that saw the victim leave
	Returned    int      `json:"returned"` // peers that saw it return
	Link        string   `json:"link"`     // the mechanism of all links, or of one that is not CURVE
	Refused     int      `json:"refused"`  // how often the stranger was
	Reason      string   `json:"reason"`   // why
	Joined      bool     `json:"joined"`   // the stranger, trusted at last, has joined and answered
	Interrupted bool     `json:"interrupted,omitempty"`
	Failed      []string `json:"failed,omitempty"` // the promises that did not hold
}

// summary takes stock. What the victim counted after its last report died with it,
// and what others waited for from it is orphaned, not lost: they saw it leave.
func (b *boss) summary() Summary {
	r, total := b.roster, b.roster.total()
	s := Summary{
		Nodes:       b.opts.Nodes,
		Links:       r.links(),
		FoundMS:     millis(r.foundAt),
		Messages:    total.Received,
		Whispers:    total.Whispers,
		Echoes:      total.Echoes,
		Orphaned:    total.Orphaned,
		News:        total.News,
		Tasks:       b.work.issued,
		Requeued:    b.work.requeued,
		Lost:        total.Silent + total.Gaps + uint64(len(b.work.open)) + b.work.wrong,
		Restarts:    r.restarts,
		Victim:      r.drama.victim,
		Left:        len(r.drama.left),
		Returned:    len(r.drama.returned),
		Link:        r.link(),
		Refused:     r.admission.refused,
		Reason:      r.admission.reason,
		Joined:      r.admission.over() && !r.admission.early,
		Interrupted: b.interrupted,
	}
	s.judge(r)
	return s
}

// judge lists the promises that did not hold. Those that need the whole time are
// not held against a run that was interrupted.
func (s *Summary) judge(r *roster) {
	s.require(s.Lost == 0, "%d messages were lost", s.Lost)
	s.require(r.finished(), "no final report of %s", strings.Join(r.unfinished(), ", "))
	if s.Interrupted {
		s.require(s.Restarts <= 1, "%d restarts", s.Restarts)
		return
	}
	all := s.Nodes - 1
	s.require(s.FoundMS > 0, "the nodes did not find each other: %d links of %d", s.Links, s.Nodes*all)
	s.require(s.Restarts == 1, "%d restarts instead of 1", s.Restarts)
	s.require(s.Left == all, "%d of %d peers saw %s leave", s.Left, all, s.Victim)
	s.require(s.Returned == all, "%d of %d peers saw %s return", s.Returned, all, s.Victim)
	s.require(s.Link == curve, "a link has the mechanism %q", s.Link)
	s.require(s.Refused == 1 && s.Reason != "", "the stranger was refused %d times instead of once: %q", s.Refused, s.Reason)
	s.require(s.Joined, "the stranger did not join after its certificate was trusted, or did before")
}

func (s *Summary) require(held bool, format string, args ...any) {
	if !held {
		s.Failed = append(s.Failed, fmt.Sprintf(format, args...))
	}
}

// next are commands to try after this one.
var next = []string{
	"go run ./cmd/zactor demo --open              # and let a Python program on libzmq join",
	"go run ./cmd/zactor demo --nodes 12 --json   # more nodes, for other programs to read",
	"go run ./examples/curve                      # the smallest secured pair",
	"go test ./...                                # the tests, offline",
}

// String is the summary for people.
func (s Summary) String() string {
	var b strings.Builder
	found := "not all"
	if s.FoundMS > 0 {
		found = fmt.Sprintf("all in %v", time.Duration(s.FoundMS*float64(time.Millisecond)).Round(time.Millisecond))
	}
	all := s.Nodes - 1
	fmt.Fprintf(&b, "found     %s: %d nodes, %d links\n", found, s.Nodes, s.Links)
	fmt.Fprintf(&b, "messages  %d: %d whispers echoed, %d news, %d tasks (%d given out again)\n",
		s.Messages, s.Echoes, s.News, s.Tasks, s.Requeued)
	fmt.Fprintf(&b, "lost      %d\n", s.Lost)
	fmt.Fprintf(&b, "restarts  %d: %d of %d peers saw %s leave, %d saw it return\n",
		s.Restarts, s.Left, all, s.Victim, s.Returned)
	s.writeSecurity(&b)
	for _, f := range s.Failed {
		fmt.Fprintf(&b, "FAILED    %s\n", f)
	}
	switch {
	case len(s.Failed) > 0:
	case s.Interrupted:
		b.WriteString("ok        as far as it went: it was interrupted\n")
	default:
		b.WriteString("ok        every promise held\n")
	}
	b.WriteString("\nnext:\n")
	for _, command := range next {
		b.WriteString("  " + command + "\n")
	}
	return b.String()
}

// writeSecurity adds how the links are secured, and what became of the stranger.
func (s Summary) writeSecurity(b *strings.Builder) {
	fmt.Fprintf(b, "links     %s\n", cmp.Or(s.Link, "none"))
	fmt.Fprintf(b, "refused   %d", s.Refused)
	if s.Reason != "" {
		fmt.Fprintf(b, ": stranger, %s", s.Reason)
	}
	if s.Joined {
		b.WriteString("; joined after its certificate was added")
	}
	b.WriteString("\n")
}
