package main

import (
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
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
	work("mallory").Expect("you are a stranger$")

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

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	with := func(args ...string) []string {
		return append([]string{"-reports", "tcp://10.0.0.1:1", "-configs", "tcp://10.0.0.1:2"}, args...)
	}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		ann := s.Start(run, with("worker", "ann")...)
		centre := s.Start(run, with("centre", "ann,bob,cid")...)
		bob := s.Start(run, with("worker", "bob")...)
		centre.Expect("^bob has come$")
		if err := s.Start(run, with("worker", "mallory")...).Fails(); !errors.Is(err, errStranger) {
			t.Error(err)
		}
		cid := s.Start(run, with("worker", "cid")...)
		for _, p := range []*play.Program{ann, bob, cid} {
			p.Expect(got)
		}
	})
}
