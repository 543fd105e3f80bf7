package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The example is run as a user would. The subscribers print at the same time, each
// its own reports in their order.
func TestPubSub(t *testing.T) {
	out := proc.Start(t).Wait()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(a[:4], b[:4]) })
	const want = `oslo, day 1: 0 degrees
oslo, day 2: 1 degrees
oslo, day 3: 2 degrees
rome, day 1: 20 degrees
rome, day 2: 21 degrees
rome, day 3: 22 degrees`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("printed\n%s\nwant, but for the order of the cities\n%s", got, want)
	}
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		if out := s.Start(run).Wait(); strings.Count(out, "oslo, ") != 3 || strings.Count(out, "rome, ") != 3 || strings.Contains(out, "paris") {
			t.Error(out)
		}
	})
}
