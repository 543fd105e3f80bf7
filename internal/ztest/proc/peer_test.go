package proc_test

import (
	"os/exec"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// A peer answers what it is told, and ends with its input.
func TestPeer(t *testing.T) {
	p := proc.NewPeer(t, exec.Command("cat"))
	for i := range 3 {
		said, heard := map[string]int{"i": i}, map[string]int{}
		p.Say(said)
		if p.Hear(&heard); heard["i"] != i {
			t.Errorf("told %v, it says %v", said, heard)
		}
	}
}

// What a peer does wrong fails the test that started it.
func TestPeerFailures(t *testing.T) {
	for name, script := range map[string]string{"exit code": "exit 3", "no JSON": "echo hello", "no line": "exit 0"} {
		probe := &failing{}
		t.Run(name, func(t *testing.T) {
			probe.TB = t // whose end is the peer's
			done := make(chan struct{})
			go func() {
				defer close(done)
				p := proc.NewPeer(probe, exec.Command("sh", "-c", script))
				if name != "exit code" {
					p.Hear(new(int))
				}
			}()
			<-done
		})
		if !probe.failed {
			t.Errorf("%s: the test passes", name)
		}
	}
}

// A peer that is killed is no failure; one that prints more than is asked for is read on.
func TestPeerKilled(t *testing.T) {
	p := proc.NewPeer(t, exec.Command("sh", "-c", "echo noise; echo complaint >&2; echo hello 1; exec sleep 1000"))
	if got := p.Want("hello "); got != "1" {
		t.Errorf("it says %q", got)
	}
	p.Kill()
	p.Kill() // once more, which does nothing
	if _, more := <-p.Lines(); more || p.Stderr() != "complaint\n" {
		t.Errorf("after its end: %v, %q", more, p.Stderr())
	}
	if p.Tell("x") == nil {
		t.Error("it hears after its end")
	}
}
