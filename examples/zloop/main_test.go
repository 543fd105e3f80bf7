package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestVotes(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	input = strings.NewReader("no\n")
	play.On(t, zmqtest.Faults{Delay: time.Millisecond}, func(s *play.Stage) {
		p := s.Start(run, at)
		p.Expect(`^map\[no:1\]$`)
		push, err := zmq.NewPush(s.Ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := push.Connect(at); err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{"yes", "no", "yes"} {
			if err := push.SendString(s.Ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		p.Expect(`^map\[no:2 yes:2\]$`)
		began := time.Now()
		p.Expect("a minute without votes")
		if d := time.Since(began).Round(time.Second); d > time.Minute || d < 58*time.Second {
			t.Errorf("it took %v", d)
		}
		p.Wait()
	})
}

func TestProcess(t *testing.T) {
	p, in := proc.Typed(t, proc.TCP(t, 1)[0])
	p.Expect("votes come to")
	fmt.Fprintln(in, "maybe")
	p.Expect("maybe:1")
	p.Interrupt()
}
