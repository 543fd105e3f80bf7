package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The example is run as a user would.
func TestCurve(t *testing.T) {
	proc.Start(t).Want("Ada over CURVE: hello, in secret\n")
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) { s.Start(run).Want("Ada over CURVE: hello, in secret\n") })
}
