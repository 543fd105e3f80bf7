package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
