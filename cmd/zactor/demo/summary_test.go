package demo

import (
	"strings"
	"testing"
)

// Each promise that does not hold is named, and nothing else is.
func TestJudge(t *testing.T) {
	good := Summary{Nodes: 3, FoundMS: 100, Restarts: 1, Victim: "node-2", Left: 2, Returned: 2}
	finished := newTale(3)
	finished.meets()
	for i, name := range finished.r.names {
		finished.r.update(status{Node: name, ID: string(rune('1' + i)), Final: true})
	}
	for _, c := range []struct {
		name   string
		change func(*Summary)
		roster *roster
		want   string // in the only failure; "" for none
	}{
		{"all held", func(*Summary) {}, finished.r, ""},
		{"lost", func(s *Summary) { s.Lost = 7 }, finished.r, "7 messages were lost"},
		{"not found", func(s *Summary) { s.FoundMS, s.Links = 0, 5 }, finished.r, "5 links of 6"},
		{"no restart", func(s *Summary) { s.Restarts = 0 }, finished.r, "0 restarts instead of 1"},
		{"two restarts", func(s *Summary) { s.Restarts = 2 }, finished.r, "2 restarts instead of 1"},
		{"stayed", func(s *Summary) { s.Left = 1 }, finished.r, "1 of 2 peers saw node-2 leave"},
		{"stayed away", func(s *Summary) { s.Returned = 0 }, finished.r, "0 of 2 peers saw node-2 return"},
		{"no report", func(*Summary) {}, newRoster(1), "no final report of node-1"},
		{"early", func(s *Summary) { *s = Summary{Nodes: 3, Interrupted: true} }, finished.r, ""},
		{"early, lost", func(s *Summary) { *s = Summary{Nodes: 3, Interrupted: true, Lost: 1} }, finished.r, "1 messages"},
		{"early, fell twice", func(s *Summary) { *s = Summary{Nodes: 3, Interrupted: true, Restarts: 2} }, finished.r, "2 restarts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := good
			c.change(&s)
			s.judge(c.roster)
			if c.want == "" {
				if len(s.Failed) > 0 || !strings.Contains(s.String(), "\nok ") {
					t.Errorf("failed %q:\n%s", s.Failed, s)
				}
				return
			}
			if len(s.Failed) != 1 || !strings.Contains(s.Failed[0], c.want) {
				t.Fatalf("failed %q, want one with %q", s.Failed, c.want)
			}
			if text := s.String(); !strings.Contains(text, "FAILED    "+s.Failed[0]) || strings.Contains(text, "\nok ") {
				t.Errorf("the text does not say so:\n%s", text)
			}
		})
	}
}
