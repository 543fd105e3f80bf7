package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestStreamer(t *testing.T) { stream(t, proc.Start, proc.Start) }

// stream has two who push fifty numbers each, one who pulls them all, and one who
// looks on.
func stream(t *testing.T, middle, ends proc.Starter) {
	at := proc.IPC(t, 3)
	with := func(n, role string) []string {
		return []string{"-up", at[0], "-down", at[1], "-side", at[2], "-n", n, "-lookers", "1", role}
	}
	node := middle(t, with("0", "node")...)
	look := ends(t, with("100", "look")...)
	one, two := ends(t, with("50", "push")...), ends(t, with("50", "push")...)
	ends(t, with("100", "pull")...).Want("100 numbers, in all 2550\n")
	look.Want("100 numbers, in all 2550\n")
	one.Want("")
	two.Want("")
	node.Interrupt()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	with := func(n, role string) []string {
		return []string{"-up", "tcp://10.0.0.1:1", "-down", "tcp://10.0.0.1:2", "-side", "tcp://10.0.0.1:3", "-n", n, "-lookers", "1", role}
	}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		s.Start(run, with("0", "node")...)
		look := s.Start(run, with("100", "look")...)
		one, two := s.Start(run, with("50", "push")...), s.Start(run, with("50", "push")...)
		s.Start(run, with("100", "pull")...).Want("100 numbers, in all 2550\n")
		look.Want("100 numbers, in all 2550\n")
		one.Want("")
		two.Want("")
	})
}
