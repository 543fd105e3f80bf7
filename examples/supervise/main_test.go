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

func TestFaults(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	play.On(t, zmqtest.Faults{Delay: time.Millisecond}, func(s *play.Stage) {
		p := s.Start(run, at)
		p.Expect("serving")
		caller, err := lazypirate.New(s.Ctx, []string{at}, lazypirate.WithAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		defer caller.Close()
		ask := func(text string) string {
			m, err := caller.Call(s.Ctx, msg.NewString(text))
			if err != nil {
				return "failed"
			}
			return m.PopString()
		}
		for _, c := range [][2]string{
			{"5", "20, number 1"}, {"4", "25, number 2"},
			{"0", "no answer"}, {"5", "20, number 1"}, // its state began anew
			{"five", "failed"}, {"5", "20, number 2"}, // the server did, and not the actor
		} {
			if got := ask(c[0]); !strings.HasPrefix(got, c[1]) {
				t.Errorf("%s: %q, not %q", c[0], got, c[1])
			}
			if c[0] == "five" {
				p.Expect("serving")
			}
		}
		out := p.Interrupt()
		for _, want := range []string{"calculator is restarted", "server is restarted"} {
			if strings.Count(out, want) != 1 {
				t.Errorf("%s:\n%s", want, out)
			}
		}
	})
}

func TestProcess(t *testing.T) {
	p := proc.Start(t, proc.TCP(t, 1)[0])
	p.Expect("serving")
	p.Interrupt()
}
