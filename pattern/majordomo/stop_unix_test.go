//go:build unix

package majordomo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/majordomo"
)

// Two workers and the broker, as processes: one of them is killed or stopped twenty times.
// Every call is answered.
func TestProcessesKilledAndStopped(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	start := func(what string) *proc.Process {
		p := proc.Start(t, what, at)
		p.Expect("ready")
		return p
	}
	all := map[string]*proc.Process{"broker": start("broker"), "worker": start("worker"), "worker 2": start("worker")}
	c, err := majordomo.NewClient(t.Context(), []string{at}, majordomo.WithTimeout(300*time.Millisecond), majordomo.WithAttempts(1000))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	call := func(text string) {
		m, err := c.Call(t.Context(), "upper", msg.NewString("x"+text))
		if got := m.PopString(); err != nil || got != "X"+text {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	call("0")
	for round := range 20 {
		name := []string{"worker", "broker", "worker 2"}[round%3]
		p := all[name]
		if round%2 == 0 {
			p.Kill()
		} else if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		if name != "broker" { // the other worker does it
			call(fmt.Sprint(round))
		}
		if round%2 == 0 {
			all[name] = start(name[:6])
		} else if err := p.Continue(); err != nil {
			t.Fatal(err)
		}
		call(fmt.Sprint(round))
	}
	t.Log(c.Stats())
}
