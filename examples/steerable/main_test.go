package main

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func TestSteerable(t *testing.T) { steer(t, proc.Start, proc.Start) }

func steer(t *testing.T, proxy, others proc.Starter) {
	at := proc.IPC(t, 3)
	with := func(args ...string) []string {
		return append([]string{"-front", at[0], "-back", at[1], "-control", at[2]}, args...)
	}
	tell := func(command, answer string) {
		t.Helper()
		others(t, with("tell", command)...).Want(command + ":" + answer + "\n")
	}
	p := proxy(t, with("proxy")...)
	tell("PAUSE", "")
	pull := others(t, with("pull")...)
	others(t, with("push")...).Want("")
	tell("STATISTICS", " 0 0 0 0 0 0 0 0") // all wait in front of it
	tell("RESUME", "")
	for i := range 10 {
		pull.Expect(fmt.Sprintf("^message %d$", i))
	}
	pull.Wait()
	tell("STATISTICS", " 10 90 0 0 0 0 10 90")
	tell("TERMINATE", "")
	p.Want("terminated\n")
}
