package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Who is not linked to whom hears of each other all the same, and of who has gone.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5670"
	play.On(t, zmqtest.Faults{Delay: 3 * time.Millisecond, Slice: 50}, func(s *play.Stage) {
		ann := s.Start(run, "ann", at)
		bob := s.Start(run, "bob", "", at)
		cyd := s.Start(run, "cyd", "", at)
		bob.Expect("^node/cyd is there$")
		cyd.Expect("^node/bob is there$")
		bob.Crash()
		ann.Expect("^node/bob has gone$")
		cyd.Expect("^node/bob has gone$")
		s.Start(run, "bob", "", at)
		cyd.Expect("^node/bob is there$")
	})
}

func TestProcesses(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	ann, bob := proc.Start(t, "ann", at), proc.Start(t, "bob", "", at)
	ann.Expect("^node/bob is there$")
	bob.Expect("^node/ann is there$")
	bob.Interrupt()
	ann.Interrupt()
}
