package main

import (
	"testing"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestWeather(t *testing.T) { weather(t, proc.Start, proc.Start) }

// weather lets five clients at once, who were there before the server, take their
// updates over tcp and ipc, and then restarts the server under a sixth.
func weather(t *testing.T, server, client proc.Starter) {
	over := []string{proc.TCP(t, 1)[0], proc.IPC(t, 1)[0]}
	serve := func() *proc.Process { return server(t, append([]string{"-zips", "100", "server"}, over...)...) }
	var clients []*proc.Process
	for i := range 5 {
		clients = append(clients, client(t, "-zip", "10002", "client", over[i%2]))
	}
	s := serve()
	s.Expect("the weather is at tcp://")
	for _, c := range clients {
		c.Expect(`^average temperature of 10002 in 100 updates: -?\d+ F$`)
		c.Wait()
	}
	last := client(t, "-n", "1000", "client", over[0])
	last.Expect("half of the updates")
	s.Kill() // the client may have all by now, or not
	s = serve()
	last.Expect(`^average temperature of 10001 in 1000 updates`)
	last.Wait()
	s.Interrupt()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5556"
	play.On(t, zmqtest.Faults{}, func(s *play.Stage) {
		// The server never rests, so that no time passes in this bubble: it comes first,
		// for a client that had to try again would wait for ever.
		s.Start(run, "-zips", "10", "server", at).Expect("the weather is at")
		for _, zip := range []string{"10001", "10002"} {
			s.Start(run, "-zip", zip, "client", at).Expect("^average temperature of " + zip + ` in 100 updates: -?\d+ F$`)
		}
	})
}
