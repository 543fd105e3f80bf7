package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Each client gets answers to its own requests, from a server that comes and goes.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5570"
	play.On(t, zmqtest.Faults{Delay: 5 * time.Millisecond, Slice: 3}, func(s *play.Stage) {
		clients := []*play.Program{s.Start(run, "client", "ann", at), s.Start(run, "client", "bob", at)}
		for range 3 {
			server := s.Start(run, "server", at)
			for i, c := range clients {
				name := []string{"ann", "bob"}[i]
				for range 10 {
					if found := c.Expect(`^answered: request \d+ of (.*)$`); found[1] != name {
						t.Errorf("%s has got %q", name, found[0])
					}
				}
			}
			server.Interrupt()
		}
	})
}

func TestProcesses(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	server, client := proc.Start(t, "server", at), proc.Start(t, "client", "ann", at)
	client.Expect("^answered: request")
	server.Kill()
	server = proc.Start(t, "server", at)
	server.Expect("serving")
	client.Expect("^answered: request")
	client.Interrupt()
	server.Interrupt()
}
