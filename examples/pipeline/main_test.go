package main

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Four workers take clearly less time than one; on a machine that is busy with other
// things, if not at once, then the next time.
func TestPipeline(t *testing.T) {
	var one, four int
	for range 5 {
		one, four = pipeline(t, 1, proc.Start, proc.Start), pipeline(t, 4, proc.Start, proc.Start)
		if four <= one*3/4 {
			return
		}
	}
	t.Errorf("one worker took %d ms, four took %d ms", one, four)
}

// pipeline returns how many milliseconds 100 tasks of 1 to 10 ms took.
func pipeline(t *testing.T, workers int, ends, worker proc.Starter) int {
	at := proc.IPC(t, 2)
	start := func(who proc.Starter, role string) *proc.Process {
		return who(t, "-longest", "10", "-workers", fmt.Sprint(workers), "-tasks", at[0], "-sink", at[1], role)
	}
	sink := start(ends, "sink")
	for range workers {
		defer start(worker, "worker").Kill()
	}
	start(ends, "ventilator").Expect(`^expected cost: \d+ ms$`)
	took, err := strconv.Atoi(sink.Expect(`^elapsed: (\d+) ms$`)[1])
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	with := func(workers, role string) []string {
		return []string{"-workers", workers, "-tasks", "tcp://10.0.0.1:1", "-sink", "tcp://10.0.0.2:1", role}
	}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond}, func(s *play.Stage) {
		sink := s.Start(run, with("4", "sink")...)
		for range 4 {
			s.Start(run, with("4", "worker")...)
		}
		cost, _ := strconv.Atoi(s.Start(run, with("4", "ventilator")...).Expect(`^expected cost: (\d+) ms$`)[1])
		took, _ := strconv.Atoi(sink.Expect(`^elapsed: (\d+) ms$`)[1])
		if took < cost/4 || took > cost/2 { // time is the bubble's: nothing else takes any
			t.Errorf("%d ms of work took four workers %d ms", cost, took)
		}
	})
}
