//go:build unix

package lazypirate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lazypirate"
)

// Servers are killed and stopped twenty times: every call is answered, with its own answer.
func TestServersKilledAndStopped(t *testing.T) {
	endpoints := proc.TCP(t, 1)
	c, err := lazypirate.New(t.Context(), endpoints, lazypirate.WithTimeout(250*time.Millisecond), lazypirate.WithAttempts(1000))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	start := func() *proc.Process {
		p := proc.Start(t, endpoints...)
		p.Expect("ready")
		return p
	}
	failed := c.Chan(t.Context())
	p := start()
	for round := range 20 {
		call := func(text string) {
			m, err := c.Call(t.Context(), msg.NewString(text))
			if got := m.PopString(); err != nil || got != "echo "+text {
				t.Errorf("round %d: %q, %v", round, got, err)
			}
		}
		call(fmt.Sprint("before ", round))
		mend := func() {
			if err := p.Continue(); err != nil {
				t.Error(err)
			}
		}
		if round%2 == 0 {
			p.Kill()
			mend = func() { p = start() }
		} else {
			if err := p.Stop(); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			call(fmt.Sprint("during ", round))
		}()
		select {
		case <-failed: // an attempt
		case <-done: // a process that is told to stop may still answer
		}
		mend()
		<-done
	}
	t.Log(c.Stats())
}
