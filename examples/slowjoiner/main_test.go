package main

import (
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// What is lost without waiting is a matter of luck, and so not tested.
func TestSlowJoiner(t *testing.T) {
	got := proc.Start(t).Wait()
	if !strings.HasPrefix(got, "the publisher sends at once: ") ||
		!strings.HasSuffix(got, "\nit waits for its subscriber: 100 of 100 arrive\n") {
		t.Errorf("printed\n%s", got)
	}
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: time.Second}, func(s *play.Stage) { // here nothing is luck
		s.Start(run).Want("the publisher sends at once: 0 of 100 arrive\nit waits for its subscriber: 100 of 100 arrive\n")
	})
}
