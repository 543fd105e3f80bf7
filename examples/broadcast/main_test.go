package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
