package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The listener has all that the subscriber has, and its subscriptions.
func check(t *testing.T, out string) {
	t.Helper()
	got := regexp.MustCompile(`subscriber: ([AB]-\d{5})`).FindAllStringSubmatch(out, -1)
	if len(got) != 5 {
		t.Errorf("the subscriber got %q", got)
	}
	for _, m := range got {
		if !strings.Contains(out, "listener: "+m[1]+"\n") {
			t.Errorf("the listener has not heard %s", m[1])
		}
	}
	for _, want := range []string{`subscribes to "A"`, `subscribes to "B"`, `nobody wants "A"`, `nobody wants "B"`} {
		if !strings.Contains(out, want) {
			t.Errorf("the listener has not heard: %s\n%s", want, out)
		}
	}
}

func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 3}, func(s *play.Stage) {
		p := s.Start(run, "tcp://10.0.0.1:6000", "tcp://10.0.0.1:6001")
		p.Expect("five are enough")
		p.Expect("nobody wants")
		p.Expect("nobody wants")
		check(t, p.Interrupt())
	})
}

func TestProcess(t *testing.T) {
	p := proc.Start(t, proc.TCP(t, 2)...)
	p.Expect("^subscriber: ")
	p.Interrupt()
}
