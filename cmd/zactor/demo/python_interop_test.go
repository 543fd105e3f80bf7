//go:build interop

package demo

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// The command that -open prints, run as it is by a shell, but with Debian's
// Python, makes a peer on stock libzmq that is seen to come, to answer, and to go.
func TestInteropPythonJoins(t *testing.T) {
	d := start(t, Options{Nodes: 3, Open: true})
	command := d.until("the invitation", func(s shown) bool { return s.Type == "invite" }).Command
	command, found := strings.CutPrefix(command, "python3 ")
	if !found {
		t.Fatalf("%q does not begin with python3", command)
	}
	python := proc.NewPeer(t, exec.Command("sh", "-c", "exec /usr/bin/python3 "+command))

	joinedAs := d.until("Python joined", is(eventJoin, "node-1", "python"))
	if !strings.HasPrefix(joinedAs.Detail, "127.0.0.1:") {
		t.Errorf("it joined from %q", joinedAs.Detail)
	}
	d.until("Python's round trips", func(s shown) bool {
		for _, w := range s.Rows {
			if w.Name == "python" && w.State == stateGuest && w.RTT.P50 > 0 && w.Rate > 0 {
				return true
			}
		}
		return false
	})
	python.Kill()
	gone := d.until("Python's departure", is(eventDepart, "node-1", "python"))
	if gone.PeerID != joinedAs.PeerID {
		t.Errorf("it joined as %s and left as %s", joinedAs.PeerID, gone.PeerID)
	}
	d.interrupt()
	if s := d.end(); len(s.Failed) > 0 || !s.Interrupted {
		t.Errorf("summary %+v: want an interrupted run without failures", s)
	}
	if text := python.Stderr(); text != "" {
		t.Errorf("Python said:\n%s", text)
	}
}
