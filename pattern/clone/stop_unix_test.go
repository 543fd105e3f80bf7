//go:build unix

package clone_test

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/pattern/clone"
)

// The server is killed or stopped twenty times: what Set says the other client sees.
func TestServerKilledAndStopped(t *testing.T) {
	at := base(t)
	start := func() *proc.Process {
		p := proc.Start(t, at)
		p.Expect("ready")
		return p
	}
	p := start()
	client := func() *clone.Client {
		c, err := clone.NewClient(t.Context(), []string{at}, beats)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	ann, bob := client(), client()
	events := bob.Chan(t.Context())
	for round := range 20 {
		if round%2 == 0 {
			p.Kill()
		} else if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
		value := fmt.Sprint("value ", round)
		done := make(chan error, 1)
		go func() { done <- ann.Set(t.Context(), "key", []byte(value)) }()
		if round%2 == 0 {
			p = start()
		} else if err := p.Continue(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for e := range events {
			if e.Kind != clone.Lost && string(e.Value) == value {
				break
			}
		}
	}
	t.Log(ann.Stats())
}
