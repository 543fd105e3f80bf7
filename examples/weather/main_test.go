package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
