package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestHello(t *testing.T) {
	for _, endpoint := range []string{proc.TCP(t, 1)[0], proc.IPC(t, 1)[0]} {
		hello(t, endpoint, proc.Start, proc.Start)
	}
}

// hello starts a client before there is a server, and another one; both are served.
func hello(t *testing.T, endpoint string, server, client proc.Starter) {
	clients := []*proc.Process{client(t, "client", endpoint), client(t, "client", endpoint)}
	s := server(t, "-work", "1ms", "server", endpoint)
	for _, c := range clients {
		c.Want(dialogue())
	}
	heard := s.Interrupt()
	if !strings.HasPrefix(heard, "answering first is an error: true\n") || strings.Count(heard, "received Hello\n") != 20 {
		t.Errorf("the server printed\n%s", heard)
	}
}

func dialogue() string {
	var b strings.Builder
	fmt.Fprintln(&b, "asking twice is an error: true")
	for i := range 10 {
		fmt.Fprintf(&b, "Hello %d: World\n", i+1)
	}
	return b.String()
}

// A server that is killed and started again goes on where its clients are.
func TestHelloRestart(t *testing.T) {
	endpoint := proc.TCP(t, 1)[0]
	s := proc.Start(t, "-work", "20ms", "server", endpoint)
	c := proc.Start(t, "client", endpoint)
	c.Expect("Hello 3: World")
	s.Interrupt() // after the answer it is at
	proc.Start(t, "-work", "1ms", "server", endpoint)
	// A REQ whose server has gone waits for its answer: see package zmq for
	// WithReqRelaxed. Another client is served at once.
	proc.Start(t, "client", endpoint).Want(dialogue())
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		client := s.Start(run, "client", at)
		server := s.Start(run, "server", at) // a second for each answer
		client.Want(dialogue())
		if out := server.Interrupt(); strings.Count(out, "received Hello\n") != 10 {
			t.Error(out)
		}
	})
}
