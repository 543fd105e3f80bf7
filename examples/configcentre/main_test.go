package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

const got = `^configuration 1: rate 2\.5, workers \[ann bob cid\]$`

func TestConfigCentre(t *testing.T) { configure(t, proc.Start, proc.Start) }

func configure(t *testing.T, centre, worker proc.Starter) {
	at := proc.TCP(t, 2)
	with := func(args ...string) []string {
		return append([]string{"-reports", at[0], "-configs", at[1], "-interval", "100ms"}, args...)
	}
	work := func(name string) *proc.Process { return worker(t, with("worker", name)...) }
	ann, bob := work("ann"), work("bob") // before there is a centre
	c := centre(t, with("centre", "ann,bob,cid")...)
	c.Expect("^ann has come$|^bob has come$")
	c.Expect("^ann has come$|^bob has come$")
	work("mallory").Expect("You are a stranger!$")

	c.Kill() // and all that it knew is lost
	c = centre(t, with("centre", "ann,bob,cid")...)
	cid := work("cid")
	for _, w := range []*proc.Process{ann, bob, cid} {
		w.Expect(got)
	}
	c.Expect("^all have come, configuration published$")

	bob.Kill() // and when it is back it gets what was published without it
	bob = work("bob")
	bob.Expect(got)
	for _, p := range []*proc.Process{ann, bob, cid, c} {
		p.Interrupt()
	}
}
