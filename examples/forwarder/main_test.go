package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestForwarder(t *testing.T) { forward(t, proc.Start, proc.Start) }

// forward starts the two ends before there is anything between them.
func forward(t *testing.T, middle, ends proc.Starter) {
	at := []string{"-inside", proc.IPC(t, 1)[0], "-outside", proc.TCP(t, 1)[0]}
	with := func(args ...string) []string { return append(at[:len(at):len(at)], args...) }
	sub := ends(t, with("subscriber", "B")...)
	pub := ends(t, with("publisher", "B")...)
	relay := middle(t, with("relay")...)
	sub.Want("[B] news 1\n[B] news 2\n[B] news 3\n[B] news 4\n[B] news 5\n")
	pub.Want("")
	relay.Interrupt()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	at := []string{"-inside", "tcp://10.0.0.1:1", "-outside", "tcp://10.0.0.2:1"}
	with := func(args ...string) []string { return append(at[:len(at):len(at)], args...) }
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		sub, pub := s.Start(run, with("subscriber", "B")...), s.Start(run, with("publisher", "B")...)
		s.Start(run, with("relay")...)
		sub.Want("[B] news 1\n[B] news 2\n[B] news 3\n[B] news 4\n[B] news 5\n")
		pub.Want("")
	})
}
