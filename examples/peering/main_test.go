package main

import (
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Work goes to other clusters, and back. One that goes is done without.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: time.Millisecond, Slice: 99}, func(s *play.Stage) {
		one := s.Start(run, "/nowhere", "DC1", "DC2", "DC3")
		one.Expect("done in DC1")
		two := s.Start(run, "/nowhere", "DC2", "DC1", "DC3")
		one.Expect("done in DC2")
		three := s.Start(run, "/nowhere", "DC3", "DC1", "DC2")
		for _, p := range []*play.Program{one, two, three} {
			for _, dc := range []string{"DC1", "DC2", "DC3"} {
				p.Expect("done in " + dc)
			}
		}
		three.Interrupt()
		one.Expect("done in DC1")
		two.Expect("done in DC2")
	})
}

func TestProcesses(t *testing.T) {
	dir, err := os.MkdirTemp("", "z") // a short name: the path of a socket has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	one := proc.Start(t, dir, "DC1", "DC2")
	one.Expect("done in DC1")
	two := proc.Start(t, dir, "DC2", "DC1")
	one.Expect("done in DC2")
	two.Expect("done in DC1")
	one.Interrupt()
	two.Interrupt()
}
