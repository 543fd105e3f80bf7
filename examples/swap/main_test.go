package main

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Senders are killed, one after the other, while nobody receives: all that they have
// accepted arrives.
func TestKilled(t *testing.T) {
	endpoint, dir := proc.TCP(t, 1)[0], t.TempDir()
	for n := range 5 {
		p, in := proc.Typed(t, "send", dir, endpoint)
		for i := range 4 {
			fmt.Fprintf(in, "line %d.%d\n", n, i)
			p.Expect(fmt.Sprintf(`accepted line %d\.%d`, n, i))
		}
		p.Kill()
	}
	r := proc.Start(t, "receive", endpoint)
	p, _ := proc.Typed(t, "send", dir, endpoint)
	for n := range 5 {
		for i := range 4 {
			r.Expect(fmt.Sprintf(`received line %d\.%d`, n, i))
		}
	}
	p.Interrupt()
	r.Interrupt()
}
