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

func TestBroker(t *testing.T) {
	for _, how := range []string{"poll", "proxy"} {
		t.Run(how, func(t *testing.T) { serve(t, how, proc.Start, proc.Start) })
	}
}

// serve has three clients and two workers, who take turns.
func serve(t *testing.T, how string, broker, others proc.Starter) {
	at := proc.TCP(t, 2)
	var clients []*proc.Process
	for range 3 {
		clients = append(clients, others(t, "client", at[0]))
	}
	workers := []*proc.Process{others(t, "worker", at[0], at[1]), others(t, "worker", at[0], at[1])}
	b := broker(t, how, at[0], at[1])
	for _, c := range clients {
		c.Want(answers())
	}
	served := 0
	for _, w := range workers {
		served += strings.Count(w.Interrupt(), "received Hello\n")
	}
	if served != 30 {
		t.Errorf("the workers have seen %d requests, want 30", served)
	}
	b.Interrupt()
}

func answers() (text string) {
	for i := range 10 {
		text += fmt.Sprintf("answer %d: World\n", i+1)
	}
	return text
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const front, back = "tcp://10.0.0.1:1", "tcp://10.0.0.1:2"
	for _, how := range []string{"poll", "proxy"} {
		play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
			clients := []*play.Program{s.Start(run, "client", front), s.Start(run, "client", front)}
			s.Start(run, "worker", front, back)
			s.Start(run, "worker", front, back)
			s.Start(run, how, front, back)
			for _, c := range clients {
				c.Want(answers())
			}
		})
	}
}
