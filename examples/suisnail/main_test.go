package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The snail ends with an error; one that is quick enough, and one that is told, do not.
func TestSnails(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Buffer: 4 << 10}, func(s *play.Stage) {
		s.Start(run, "publish", at)
		quick := s.Start(run, "snail", "500us", at)
		if err := s.Start(run, "snail", "3ms", at).Fails(); !errors.Is(err, errLate) {
			t.Error(err)
		}
		told := s.Start(run, "told", "3ms", at)
		told.Expect(`^missed \d+$`)
		time.Sleep(3 * time.Second)
		if n := strings.Count(told.Interrupt(), "missed"); n < 2 {
			t.Errorf("it was told %d times", n)
		}
		quick.Interrupt()
	})
}

func TestProcesses(t *testing.T) {
	at := proc.TCP(t, 1)[0]
	pub := proc.Start(t, "publish", at)
	pub.Expect("publishing")
	proc.Start(t, "snail", "20ms", at).Expect("more than a second old")
	told := proc.Start(t, "told", "1ms", at)
	told.Expect("subscribed")
	told.Interrupt()
	pub.Interrupt()
}
