package demo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
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
	if s.Link != curve || s.Refused != 1 || !s.Joined {
		t.Errorf("summary %+v", s)
	}
	d.checkDrama(s.Victim)
	d.checkStranger()
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

// checkStranger looks for the stranger's story: refused by the authenticator, told so
// by its own socket, trusted, welcomed, and from then on like any guest.
func (d *running) checkStranger() {
	d.t.Helper()
	denied, refused := d.once(eventDeny, strangerName, ""), d.once(eventRefused, strangerName, "")
	trusted, joined := d.once(eventTrusted, strangerName, ""), d.once(eventJoin, "", strangerName)
	if !strings.HasPrefix(denied.Detail, "ZAP 400: key ") || !strings.Contains(denied.Detail, "is not known") {
		d.t.Errorf("it was denied so: %q", denied.Detail)
	}
	if !strings.Contains(refused.Detail, zmq.ErrAuth.Error()) || !strings.Contains(refused.Detail, "400") {
		d.t.Errorf("it was refused so: %q", refused.Detail)
	}
	if joined.Node != "node-1" || max(denied.MS, refused.MS) > trusted.MS || trusted.MS > joined.MS {
		d.t.Errorf("out of order: %+v", []shown{denied, refused, trusted, joined})
	}
}

// once returns the only event of a kind.
func (d *running) once(kind, node, peer string) shown {
	d.t.Helper()
	found := d.all(is(kind, node, peer))
	if len(found) != 1 {
		d.t.Fatalf("%d events %s %s%s", len(found), kind, node, peer)
	}
	return found[0]
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
