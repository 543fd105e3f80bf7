package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
