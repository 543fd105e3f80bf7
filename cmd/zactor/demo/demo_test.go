package demo

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The whole play, told by its own lines: everybody meets everybody, one fails and
// comes back with another id, and every peer sees both.
func TestPlay(t *testing.T) {
	t.Parallel()
	const nodes = 3
	d := start(t, Options{Nodes: nodes, Duration: 3 * time.Second})
	s := d.end()
	if len(s.Failed) > 0 || s.Interrupted {
		t.Fatalf("failed: %q\n%s", s.Failed, strings.Join(d.raw, "\n"))
	}
	if s.Lost != 0 || s.Restarts != 1 || s.Left != nodes-1 || s.Returned != nodes-1 || s.FoundMS <= 0 {
		t.Errorf("summary %+v", s)
	}
	if s.Echoes == 0 || s.News == 0 || s.Tasks == 0 {
		t.Errorf("summary %+v: there was nothing to lose", s)
	}
	if s.Requeued == 0 {
		t.Error("no task was given out again, but the victim had one in hand")
	}
	d.checkDrama(s.Victim)
	if last := d.seen[len(d.seen)-1]; last.Type != "summary" || last.Restarts != 1 {
		t.Errorf("the last line is %q", d.raw[len(d.raw)-1])
	}
}

// checkDrama looks for the victim's story in what was shown.
func (d *running) checkDrama(victim string) {
	d.t.Helper()
	starts := d.all(is(eventStart, victim, ""))
	if len(starts) != 2 || starts[0].ID == starts[1].ID || starts[0].Detail == starts[1].Detail {
		d.t.Fatalf("%s has started so: %+v", victim, starts)
	}
	panics := d.all(is(eventPanic, "", ""))
	if len(panics) != 1 || panics[0].Node != victim || !strings.Contains(panics[0].Detail, "panic") {
		d.t.Errorf("panics: %+v, want one, of %s", panics, victim)
	}
	for _, e := range d.all(is(eventExit, "", victim)) {
		if e.PeerID == starts[1].ID {
			d.t.Errorf("%s lost the new %s: %s", e.Node, victim, e.Detail)
		}
	}
	for _, life := range starts {
		if n := len(d.all(func(s shown) bool { return is(eventEnter, "", victim)(s) && s.PeerID == life.ID })); n == 0 {
			d.t.Errorf("nobody knows %s as %s", victim, life.ID)
		}
	}
}

func (d *running) all(fits func(shown) bool) (found []shown) {
	for _, s := range d.seen {
		if fits(s) {
			found = append(found, s)
		}
	}
	return found
}

// An interrupt ends the demo with what it has come to; nothing is left behind,
// says TestMain.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	d := start(t, Options{Nodes: 2, Duration: time.Hour})
	d.until("a full roster", func(s shown) bool {
		return len(s.Rows) == 2 && !slices.ContainsFunc(s.Rows, func(w row) bool { return w.Peers != 1 })
	})
	d.interrupt()
	s := d.end()
	if len(s.Failed) > 0 || !s.Interrupted || s.FoundMS == 0 || s.Messages == 0 {
		t.Errorf("summary %+v", s)
	}
}

// Also one that comes before anything has begun.
func TestInterruptAtOnce(t *testing.T) {
	t.Parallel()
	d := start(t, Options{Nodes: 2, Duration: time.Hour})
	d.interrupt()
	if s := d.end(); len(s.Failed) > 0 || !s.Interrupted {
		t.Errorf("summary %+v", s)
	}
}
