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

// Workers are killed in the middle, and every request is answered.
func TestWorkersKilled(t *testing.T) {
	at := proc.TCP(t, 2)
	proc.Start(t, "queue", at[0], at[1]).Expect("^queue")
	worker := func() *proc.Process {
		p := proc.Start(t, "worker", at[1])
		p.Expect("ready")
		return p
	}
	w := worker()
	client := proc.Start(t, "client", "40", at[0])
	for i := range 3 {
		w.Expect("works on")
		client.Expect(fmt.Sprint("^answered: request ", 3*i))
		w.Kill()
		w = worker()
	}
	out := client.Wait()
	if n := strings.Count(out, "answered: request "); n != 40 {
		t.Errorf("%d answers:\n%s", n, out)
	}
	w.Interrupt()
}

func TestInMemory(t *testing.T) {
	const front, back = "tcp://10.0.0.1:5555", "tcp://10.0.0.1:5556"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		first := s.Start(run, "worker", back) // before its queue
		s.Start(run, "queue", front, back)
		client := s.Start(run, "client", "5", front)
		client.Expect("request 0")
		first.Interrupt()
		s.Start(run, "worker", back)
		if out := client.Wait(); strings.Count(out, "answered") != 5 {
			t.Error(out)
		}
	})
}
