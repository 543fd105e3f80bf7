package main

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
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
