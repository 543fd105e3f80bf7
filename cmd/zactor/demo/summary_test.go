package demo

import (
	"strings"
	"testing"
)

// Each promise that does not hold is named, and nothing else is.
func TestJudge(t *testing.T) {
	good := Summary{Nodes: 3, FoundMS: 100, Restarts: 1, Victim: "node-2", Left: 2, Returned: 2,
		Link: curve, Refused: 1, Reason: "ZAP 400: key 0 is not known", Joined: true}
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
		{"in clear", func(s *Summary) { s.Link = "NULL" }, finished.r, `a link has the mechanism "NULL"`},
		{"not refused", func(s *Summary) { s.Refused = 0 }, finished.r, "refused 0 times"},
		{"refused twice", func(s *Summary) { s.Refused = 2 }, finished.r, "refused 2 times"},
		{"refused without reason", func(s *Summary) { s.Reason = "" }, finished.r, `once: ""`},
		{"stayed out", func(s *Summary) { s.Joined = false }, finished.r, "the stranger did not join"},
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

func TestSecurityLines(t *testing.T) {
	s := Summary{Link: curve, Refused: 1, Reason: "ZAP 400: why", Joined: true}
	const want = "\nlinks     CURVE\nrefused   1: stranger, ZAP 400: why; joined after its certificate was added\n"
	if !strings.Contains(s.String(), want) {
		t.Errorf("%q is not in\n%s", want, s)
	}
	if s := (Summary{}).String(); !strings.Contains(s, "\nlinks     none\nrefused   0\n") {
		t.Errorf("nothing happened, and it says\n%s", s)
	}
}
