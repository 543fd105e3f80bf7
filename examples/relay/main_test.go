package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestRelay(t *testing.T) {
	relay(t, proc.Start, proc.Start)
}

// relay starts the steps from the first to the last, which is the wrong way round.
func relay(t *testing.T, outer, inner proc.Starter) {
	at := proc.IPC(t, 2)
	one := outer(t, "step1", at[0], at[1])
	two := inner(t, "step2", at[0], at[1])
	three := outer(t, "step3", at[0], at[1])
	one.Want("step 1: ready, signalling step 2\n")
	two.Want("step 2: ready, signalling step 3\n")
	three.Want("step 3: all have come\n")
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		one, two, three := s.Start(run, "step1"), s.Start(run, "step2"), s.Start(run, "step3")
		one.Want("step 1: ready, signalling step 2\n")
		two.Want("step 2: ready, signalling step 3\n")
		three.Want("step 3: all have come\n")
	})
}
