package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestSteerable(t *testing.T) { steer(t, proc.Start, proc.Start) }

func steer(t *testing.T, proxy, others proc.Starter) {
	at := proc.IPC(t, 3)
	with := func(args ...string) []string {
		return append([]string{"-front", at[0], "-back", at[1], "-control", at[2]}, args...)
	}
	tell := func(command, answer string) {
		t.Helper()
		others(t, with("tell", command)...).Want(command + ":" + answer + "\n")
	}
	p := proxy(t, with("proxy")...)
	tell("PAUSE", "")
	pull := others(t, with("pull")...)
	others(t, with("push")...).Want("")
	tell("STATISTICS", " 0 0 0 0 0 0 0 0") // all wait in front of it
	tell("RESUME", "")
	for i := range 10 {
		pull.Expect(fmt.Sprintf("^message %d$", i))
	}
	pull.Wait()
	tell("STATISTICS", " 10 90 0 0 0 0 10 90")
	tell("TERMINATE", "")
	p.Want("terminated\n")
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	with := func(args ...string) []string {
		return append([]string{"-front", "tcp://10.0.0.1:1", "-back", "tcp://10.0.0.1:2", "-control", "tcp://10.0.0.1:3"}, args...)
	}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		tell := func(command, answer string) {
			s.Start(run, with("tell", command)...).Want(command + ":" + answer + "\n")
		}
		proxy := s.Start(run, with("proxy")...)
		tell("PAUSE", "")
		pull := s.Start(run, with("pull")...)
		s.Start(run, with("push")...).Want("")
		tell("STATISTICS", " 0 0 0 0 0 0 0 0")
		tell("RESUME", "")
		pull.Wait()
		tell("STATISTICS", " 10 90 0 0 0 0 10 90")
		tell("TERMINATE", "")
		proxy.Want("terminated\n")
	})
}
