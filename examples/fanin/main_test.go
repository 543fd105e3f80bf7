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

func TestFanIn(t *testing.T) { fan(t, proc.Start, proc.Start) }

func fan(t *testing.T, server, client proc.Starter) {
	at := proc.IPC(t, 3)
	c := client(t, append([]string{"client"}, at...)...)
	for i, name := range []string{"A", "B", "C"} {
		server(t, "server", name, at[i])
	}
	served := map[string]int{}
	for i := range 6 {
		served[c.Expect(fmt.Sprintf(`^R%d was done by ([ABC])$`, i+1))[1]]++
	}
	c.Wait()
	if served["A"] != 2 || served["B"] != 2 || served["C"] != 2 {
		t.Errorf("the work was spread as %v", served)
	}
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	at := []string{"tcp://10.0.0.1:1", "tcp://10.0.0.2:1", "tcp://10.0.0.3:1"}
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 9}, func(s *play.Stage) {
		client := s.Start(run, append([]string{"client"}, at...)...)
		for i, name := range []string{"A", "B", "C"} {
			s.Start(run, "server", name, at[i])
		}
		out := client.Wait()
		for _, name := range []string{"A", "B", "C"} {
			if n := strings.Count(out, "done by "+name); n != 2 {
				t.Errorf("%s did %d:\n%s", name, n, out)
			}
		}
	})
}
