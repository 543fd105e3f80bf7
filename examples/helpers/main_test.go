package main

import (
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

const received = `string: grüezi
JSON: Bern 134794
parts: ["one" "" "three"]
`

func TestHelpers(t *testing.T) {
	endpoint := proc.TCP(t, 1)[0]
	s := proc.Start(t, "send", endpoint)
	proc.Start(t, "receive", endpoint).Want(received + "object: Basel 173863\n")
	s.Want("")
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:5579"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		send := s.Start(run, "send", at)
		s.Start(run, "receive", at).Want(received + "object: Basel 173863\n")
		send.Want("")
	})
}
