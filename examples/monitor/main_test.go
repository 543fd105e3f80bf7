package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestMonitor(t *testing.T) {
	for _, how := range []string{"watch", "frames"} {
		t.Run(how, func(t *testing.T) { look(t, how, proc.Start, proc.Start) })
	}
}

func look(t *testing.T, how string, watcher, visitor proc.Starter) {
	endpoint := proc.TCP(t, 1)[0]
	w := watcher(t, how, endpoint)
	w.Expect("^LISTENING " + endpoint + "$")
	for range 2 {
		visitor(t, "visit", endpoint).Want("")
		for _, event := range []string{"ACCEPTED", "HANDSHAKE_SUCCEEDED", "DISCONNECTED"} {
			w.Expect("^" + event + " tcp://127.0.0.1:")
		}
	}
	w.Interrupt()
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5575"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		w := s.Start(run, "watch", at)
		w.Expect("^LISTENING " + at)
		s.Start(run, "visit", at).Want("")
		for _, event := range []string{"ACCEPTED", "HANDSHAKE_SUCCEEDED", "DISCONNECTED"} {
			w.Expect("^" + event)
		}
	})
}
