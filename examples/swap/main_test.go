package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
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

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	input = strings.NewReader("one\ntwo\n")
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond}, func(s *play.Stage) {
		dir := t.TempDir()
		send := s.Start(run, "send", dir, at)
		send.Expect("accepted two")
		send.Interrupt() // before anybody receives
		s.Start(run, "send", dir, at)
		receive := s.Start(run, "receive", at)
		receive.Expect("received one")
		receive.Expect("received two")
	})
}
