package look

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/registry"
)

// change is something that is not as it was in the view before.
type change struct {
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"` // began, ended, up, down, problem, over, lost, back
	Subject string    `json:"subject,omitempty"`
	Text    string    `json:"text"`
	Event   string    `json:"event,omitempty"`
	Remedy  string    `json:"remedy,omitempty"`
}

// marks are the kinds at the start of a line.
var marks = map[string]string{
	"began": "+", "ended": "-", "up": "+", "down": "-", "problem": "!", "over": "=", "lost": "!", "back": "=",
}

// monitor compares each view with the one before.
type monitor struct {
	client *client
	out    io.Writer
	json   bool
	all    bool // the first look says what is there, one by one

	subjects map[uint64]*registry.Snapshot
	known    map[string]problem  // that are there now
	advised  map[string]bool     // events whose remedy was printed
	links    map[string]struct{} // peers that are there
	lost     bool
}

// run looks every so often, until ctx ends or it has looked n times, if n is not 0.
func (m *monitor) run(ctx context.Context, every time.Duration, n int) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 1; ; i++ {
		v, err := m.client.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && m.subjects == nil:
			return err
		case err != nil && !m.lost:
			m.lost = true
			err = m.say(change{Time: time.Now(), Kind: "lost", Text: err.Error()})
		case err == nil:
			err = m.take(v)
		default:
			err = nil // it is still away
		}
		if err != nil || i == n {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (m *monitor) say(c change) error {
	if m.json {
		return json.NewEncoder(m.out).Encode(c)
	}
	text := c.Text
	if c.Subject != "" {
		text = c.Subject + ": " + text
	}
	if c.Event != "" {
		text = c.Event + " " + text
	}
	_, err := fmt.Fprintf(m.out, "%s %s %s\n", c.Time.Format("15:04:05"), marks[c.Kind], text)
	if c.Remedy != "" && !m.advised[c.Event] && err == nil {
		m.advised[c.Event] = true // once is enough
		_, err = fmt.Fprintf(m.out, "           %s\n", c.Remedy)
	}
	return err
}

// take says what has changed.
func (m *monitor) take(v *view) error {
	for _, c := range m.compare(v) {
		c.Time = v.Time
		if err := m.say(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *monitor) compare(v *view) (changes []change) {
	if m.lost {
		m.lost = false
		changes = append(changes, change{Kind: "back", Text: m.client.name + " answers again"})
	}
	first := m.subjects == nil && !m.all
	if first {
		changes = append(changes, change{Kind: "began", Text: census(v)})
	}
	before, known, links := m.subjects, m.known, m.links
	m.subjects, m.known, m.links = map[uint64]*registry.Snapshot{}, map[string]problem{}, map[string]struct{}{}
	for _, s := range v.Subjects {
		m.subjects[s.ID] = s
		old := before[s.ID]
		if old == nil && !first {
			changes = append(changes, change{Kind: "began", Subject: title(s), Text: began(s)})
		}
		if peers := m.peers(s, links); !first {
			changes = append(changes, peers...)
		}
		for _, p := range problems(s, old) {
			if _, there := known[p.key]; !there || p.counts(s, old) {
				changes = append(changes, change{Kind: "problem", Subject: p.Subject, Text: p.Text, Event: p.ID, Remedy: p.Remedy})
			}
			m.known[p.key] = p
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if s := before[id]; m.subjects[id] == nil {
			changes = append(changes, change{Kind: "ended", Subject: title(s), Text: "has ended"})
		}
	}
	return changes
}

// counts reports whether the problem is a number that has grown again.
func (p problem) counts(s, before *registry.Snapshot) bool {
	if before == nil {
		return false
	}
	for _, c := range counters {
		if p.of != nil && c.id == *p.of && number(s, c.name, c.label) > number(before, c.name, c.label) {
			return true
		}
	}
	return false
}

// peers says which connections came and went.
func (m *monitor) peers(s *registry.Snapshot, before map[string]struct{}) (changes []change) {
	mine := fmt.Sprint(s.ID, " ")
	for _, l := range s.Links {
		if l.Role != registry.Peer {
			continue
		}
		key := mine + peerText(l)
		m.links[key] = struct{}{}
		if _, there := before[key]; !there {
			changes = append(changes, change{Kind: "up", Subject: title(s), Text: peerText(l) + " is there"})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		text, ok := strings.CutPrefix(key, mine)
		if _, there := m.links[key]; ok && !there {
			changes = append(changes, change{Kind: "down", Subject: title(s), Text: text + " is gone"})
		}
	}
	return changes
}

func peerText(l registry.Link) string {
	peer, at := cli.Shown(l.Peer), cli.Shown(l.Remote)
	switch {
	case peer == "":
		return at
	case at == "": // a peer that was heard of, and has no connection
		return peer
	}
	return peer + " at " + at
}

// began is what there is to say of something new.
func began(s *registry.Snapshot) string {
	text := "is " + s.State
	for _, l := range s.Links {
		if l.Role != registry.Peer {
			text += ", " + l.Role + " " + cli.Shown(l.Endpoint)
		}
	}
	return text
}

// census counts what is there, by its type.
func census(v *view) string {
	n := map[string]int{}
	for _, s := range v.Subjects {
		n[kind(s)]++
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%d %s", n[name], cli.Shown(name)))
	}
	if len(parts) == 0 {
		return "nothing is there yet"
	}
	return strings.Join(parts, ", ") + "; from now on what changes"
}
