package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestGateway(t *testing.T) { game(t, proc.Start, proc.Start) }

// game has ten servers, and forty more when these have begun to play.
func game(t *testing.T, gateway, servers proc.Starter) {
	at := proc.IPC(t, 3)
	with := func(args ...string) []string {
		return append([]string{"-moves", at[0], "-talk", at[1], "-listen", at[2]}, args...)
	}
	ten := servers(t, with("serve", "10")...)
	g := gateway(t, with("deal", "10", "50")...)
	g.Expect("^10 servers are there$")
	forty := servers(t, with("serve", "40")...)
	ten.Want("10 servers had 200 to 200 moves each\n")
	forty.Want("40 servers had 100 to 100 moves each\n")
	g.Expect("^50 servers are there$")
	g.Wait()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	with := func(args ...string) []string {
		return append([]string{"-moves", "tcp://10.0.0.1:1", "-talk", "tcp://10.0.0.1:2", "-listen", "tcp://10.0.0.1:3"}, args...)
	}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond}, func(s *play.Stage) {
		three := s.Start(run, with("serve", "3")...)
		gateway := s.Start(run, with("deal", "3", "5")...)
		gateway.Expect("^3 servers are there$")
		two := s.Start(run, with("serve", "2")...)
		three.Want("3 servers had 200 to 200 moves each\n")
		two.Want("2 servers had 100 to 100 moves each\n")
		gateway.Wait()
	})
}
