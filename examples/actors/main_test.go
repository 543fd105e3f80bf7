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
func TestActors(t *testing.T) {
	proc.Start(t).Want("the squares from 1 to 1000 add up to 333833500; 3 workers took part\n")
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		s.Start(run).Want("the squares from 1 to 1000 add up to 333833500; 3 workers took part\n")
	})
}
