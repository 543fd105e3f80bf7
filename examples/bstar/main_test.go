package main

import (
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestStates(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		is, peer, then state
		err            error
	}{
		{primary, backup, active, nil}, {primary, active, passive, nil}, {primary, passive, primary, nil},
		{backup, primary, backup, nil}, {backup, active, passive, nil},
		{passive, primary, active, nil}, {passive, backup, active, nil}, {passive, active, passive, nil},
		{passive, passive, passive, errTwo}, {active, active, active, errTwo}, {active, passive, active, nil},
	} {
		f := fsm{state: c.is}
		if err := f.hear(now, c.peer); !errors.Is(err, c.err) || f.state != c.then {
			t.Errorf("%s hears %s: %s, %v", c.is, c.peer, f.state, err)
		}
		if answers := f.ask(now.Add(interval)); answers != (c.then == active) {
			t.Errorf("%s that has heard %s answers: %v", c.then, c.peer, answers)
		}
		if answers := f.ask(now.Add(3 * interval)); answers == (c.then == backup) {
			t.Errorf("%s that is alone answers: %v", c.then, answers)
		}
	}
}

// The active one is killed, and the other one, once it is the active one. While there are
// two nobody asks: on a machine that stands still for seconds a client would vote.
func TestKilled(t *testing.T) {
	at := proc.TCP(t, 4)
	start := func(role string) *proc.Process { return proc.Start(t, append([]string{role}, at...)...) }
	first, second := start("primary"), start("backup")
	first.Expect("it is active")
	second.Expect("it is passive")
	first.Kill()
	client := start("client")
	second.Expect("it is active")
	client.Expect("answered: question 2$")
	client.Interrupt()
	first = start("primary")
	first.Expect("it is passive")
	second.Kill()
	client = start("client")
	first.Expect("it is active")
	client.Expect("answered: question 2$")
	client.Interrupt()
	first.Interrupt()
}

func TestInMemory(t *testing.T) {
	at := []string{"tcp://10.0.0.1:1", "tcp://10.0.0.2:1", "tcp://10.0.0.1:2", "tcp://10.0.0.2:2"}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		start := func(role string) *play.Program { return s.Start(run, append([]string{role}, at...)...) }
		first, second := start("primary"), start("backup")
		first.Expect("it is active")
		second.Expect("it is passive")
		client := start("client")
		client.Expect("question 5$")
		first.Crash()
		second.Expect("it is active")
		client.Expect("question 9$")
		start("primary").Expect("it is passive")
	})
}
