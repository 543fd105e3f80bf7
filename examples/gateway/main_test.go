package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
