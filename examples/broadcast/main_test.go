package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestBroadcast(t *testing.T) { order(t, proc.Start, proc.Start) }

func order(t *testing.T, worker, others proc.Starter) {
	at := proc.IPC(t, 2)
	with := func(args ...string) []string {
		return append([]string{"-commands", at[0], "-news", at[1], "-listeners", "2"}, args...)
	}
	listeners := []*proc.Process{others(t, with("listener")...), others(t, with("listener")...)}
	first := others(t, with("command", "open", "door")...) // waits for the worker
	w := worker(t, with("worker")...)
	first.Want("OK\n")
	others(t, with("command", "jump")...).Want("a command has two parts\n")
	others(t, with("command", "close", "")...).Want("OK\n")
	for _, l := range listeners {
		l.Expect(`^\["msg" "open" "door"\]$`)
		l.Expect(`^\["msg" "close" ""\]$`)
		l.Interrupt()
	}
	w.Interrupt()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	with := func(args ...string) []string {
		return append([]string{"-commands", "tcp://10.0.0.1:1", "-news", "tcp://10.0.0.1:2", "-listeners", "1"}, args...)
	}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		listener := s.Start(run, with("listener")...)
		command := s.Start(run, with("command", "open", "door")...)
		s.Start(run, with("worker")...)
		command.Want("OK\n")
		s.Start(run, with("command", "jump")...).Want("a command has two parts\n")
		listener.Expect(`^\["msg" "open" "door"\]$`)
	})
}
