package main

import (
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// Workers, and the queue, are killed; every request is answered.
func TestKilled(t *testing.T) {
	at := proc.TCP(t, 2)
	start := func(role string, args ...string) *proc.Process {
		p := proc.Start(t, append([]string{role}, args...)...)
		p.Expect("^" + role)
		return p
	}
	q, w := start("queue", at[0], at[1]), start("worker", at[1])
	caller, err := lazypirate.New(t.Context(), at[:1], lazypirate.WithTimeout(time.Second), lazypirate.WithAttempts(30))
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	ask := func() {
		t.Helper()
		if answer, err := caller.Call(t.Context(), msg.NewString("hello")); err != nil || answer.PopString() != "hello" {
			t.Errorf("%v, %v", answer, err)
		}
	}
	ask()
	w.Kill()
	w = start("worker", at[1])
	ask()
	q.Kill()
	q = start("queue", at[0], at[1])
	w.Expect("the queue is silent")
	ask()
	w.Interrupt()
	q.Interrupt()
}

// A worker is cut off, and nobody is told: both sides find out by what they do not hear.
func TestCutOff(t *testing.T) {
	const front, back = "tcp://10.0.0.1:5555", "tcp://10.0.0.1:5556"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		queue := s.Start(run, "queue", front, back)
		worker := s.Start(run, "worker", back)
		worker.Expect("ready")
		time.Sleep(5 * interval) // of heartbeats
		if out := queue.Output() + worker.Output(); strings.Contains(out, "silent") {
			t.Error(out)
		}
		s.Partition()
		queue.Expect("a worker is silent")
		worker.Expect("the queue is silent")
		s.Heal()
		worker.Expect("ready")
	})
}
