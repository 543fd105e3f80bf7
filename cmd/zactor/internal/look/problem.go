package look

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
)

// counters says which event of the catalogue a number that grows stands for.
var counters = []struct {
	name, label string
	id          logs.ID
}{
	{"drops", "hwm", logs.DroppedAtHWM},
	{"drops", "noRoute", logs.DroppedNoRoute},
	{"drops", "peerGone", logs.DroppedPeerGone},
	{"drops", "unwanted", logs.DroppedUnwanted},
	{"drops", "malformed", logs.DroppedMalformed},
	{"tooLarge", "received", logs.MessageTooLarge},
	{"tooLarge", "sent", logs.MessageRefused},
	{"handshakeFailures", "auth", logs.HandshakeRefused},
	{"handshakeFailures", "protocol", logs.HandshakeFailed},
	{"handshakeFailures", "incompatible", logs.HandshakeFailed},
	{"handshakeFailures", "other", logs.HandshakeFailed},
	{"missed", "", logs.MessagesLost},
	{"panics", "", logs.Panicked},
}

// problem is something that is wrong now, or has gone wrong since the view before.
type problem struct {
	Subject string   `json:"subject"`
	ID      string   `json:"event,omitempty"`
	Text    string   `json:"text"`
	Remedy  string   `json:"remedy,omitempty"`
	Level   string   `json:"level,omitempty"`
	past    bool     // it has happened since the process began, and may be over
	key     string   // the same for the same problem, however often it has happened
	of      *logs.ID // for tests
}

func (p problem) String() string {
	if p.ID == "" {
		return p.Subject + ": " + p.Text
	}
	return p.ID + " " + p.Subject + ": " + p.Text
}

// told is a problem of the catalogue.
func told(s *registry.Snapshot, id logs.ID, key, text string) problem {
	p := problem{Subject: title(s), ID: id.String(), Text: text, key: fmt.Sprint(s.ID, id, key), of: &id}
	if e, ok := logs.Events.Lookup(id); ok {
		p.Remedy, p.Level = e.Remedy, e.Level.String()
		if text == "" {
			p.Text = e.Title
		}
	}
	return p
}

// problems are what is wrong with a subject. Counters count by how much they have grown
// since before, which may be nil: then since it began.
func problems(s, before *registry.Snapshot) (all []problem) {
	for _, why := range s.Unwell {
		p := problem{Subject: title(s), Text: cli.Shown(why), Level: "warn", key: fmt.Sprint(s.ID, why)}
		switch {
		case strings.Contains(why, "no authenticator"):
			p = told(s, logs.NoAuthenticator, why, cli.Shown(why))
		case strings.Contains(why, "refused our credentials"):
			p = told(s, logs.CredentialsDenied, why, cli.Shown(why))
		}
		all = append(all, p)
	}
	explained := len(s.Unwell) > 0
	for _, l := range s.Links {
		explained = explained || l.Role == registry.Connected
		said := slices.ContainsFunc(s.Unwell, func(why string) bool { return l.Error != "" && strings.Contains(why, l.Error) })
		if p, ok := linkProblem(s, l); ok && !said {
			all = append(all, p)
		}
	}
	for _, c := range counters {
		grown := number(s, c.name, c.label)
		if before != nil {
			grown -= number(before, c.name, c.label)
		}
		if grown <= 0 || explained && c.name == "handshakeFailures" {
			continue // what was said says more
		}
		e, _ := logs.Events.Lookup(c.id)
		p := told(s, c.id, c.label, fmt.Sprintf("%s: %.0f", e.Title, grown))
		p.past = true
		all = append(all, p)
	}
	return all
}

// linkProblem is what is wrong with an endpoint that has nobody.
func linkProblem(s *registry.Snapshot, l registry.Link) (problem, bool) {
	if l.Error == "" || l.Role == registry.Peer || l.State == "ready" {
		return problem{}, false
	}
	id := logs.DialFailed
	switch {
	case l.Role == registry.Bound && strings.Contains(l.Error, "no authenticator"):
		return problem{}, false // it is unwell, and says so
	case l.Role == registry.Bound && strings.Contains(l.Error, "authentication refused"):
		id = logs.HandshakeRefused
	case l.Role == registry.Bound:
		id = logs.HandshakeFailed
	case strings.Contains(l.Error, "refused our credentials"), strings.Contains(l.Error, "authentication refused"):
		id = logs.CredentialsDenied
	case strings.HasPrefix(l.Error, "dial"), strings.Contains(l.Error, "no such file"):
	case strings.Contains(l.Error, "no answer"):
		id = logs.NoAnswer
	default:
		id = logs.HandshakeFailed
	}
	text := fmt.Sprintf("%s is %s: %s", cli.Shown(l.Endpoint), l.State, cli.Shown(l.Error))
	if l.Attempts > 0 {
		text += fmt.Sprintf(" (%d attempts)", l.Attempts)
	}
	p := told(s, id, l.Endpoint+l.Error, text)
	p.past = l.Role == registry.Bound // it was one peer's
	return p, true
}

// Problem is one line for zactor doctor.
type Problem struct {
	Text, Remedy string
	Past         bool // it has happened, and may be over
}

// Problems are what is wrong in the process at an address, and how many live there.
func Problems(ctx context.Context, addr string) (all []Problem, n int, err error) {
	c, err := newClient(addr)
	if err != nil {
		return nil, 0, err
	}
	v, err := c.look(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, s := range v.Subjects {
		for _, p := range problems(s, nil) {
			all = append(all, Problem{p.String(), p.Remedy, p.past})
		}
	}
	return all, len(v.Subjects), nil
}
