package proc_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, program) }

// program is what the tests start: it prints its arguments, and with "wait" it waits
// for an interrupt, or for ever.
func program() {
	for _, a := range os.Args[1:] {
		fmt.Println("argument", a)
	}
	switch os.Args[len(os.Args)-1] {
	case "fail":
		fmt.Fprintln(os.Stderr, "failing")
		os.Exit(3)
	case "wait":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		fmt.Println("waiting")
		<-ctx.Done()
		fmt.Println("interrupted")
	}
}

func TestWant(t *testing.T) {
	proc.Start(t, "a", "b c").Want("argument a\nargument b c\n")
}

func TestExpect(t *testing.T) {
	p := proc.Start(t, "x1", "y2", "x3", "wait")
	if got := p.Expect(`^argument x(\d)$`); got[1] != "1" {
		t.Errorf("got %q", got)
	}
	if got := p.Expect(`x(\d)`); got[1] != "3" {
		t.Errorf("got %q, after what had been looked at", got)
	}
	p.Expect("waiting")
	if got := p.Interrupt(); !strings.HasSuffix(got, "waiting\ninterrupted\n") || got != p.Output() {
		t.Errorf("printed %q", got)
	}
	p.Kill() // once more, which does nothing
}

// What a process does wrong fails the test that started it.
func TestFailures(t *testing.T) {
	for name, use := range map[string]func(t testing.TB){
		"exit code":         func(t testing.TB) { proc.Start(t, "fail").Wait() },
		"killed":            func(t testing.TB) { p := proc.Start(t, "wait"); p.Kill(); p.Wait() },
		"other output":      func(t testing.TB) { proc.Start(t, "a").Want("argument b\n") },
		"line that is none": func(t testing.TB) { proc.Start(t, "a").Expect("^b$") },
		"no such program":   func(t testing.TB) { proc.Program("/nowhere")(t) },
	} {
		probe := &failing{TB: t}
		done := make(chan struct{})
		go func() { defer close(done); use(probe) }()
		<-done
		if !probe.failed {
			t.Errorf("%s: the test goes on", name)
		}
	}
}

// failing is a test whose failure is what we want.
type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Errorf(string, ...any) { f.failed = true }
func (f *failing) Fatal(...any)          { f.failed = true; runtime.Goexit() }
func (f *failing) Fatalf(string, ...any) { f.failed = true; runtime.Goexit() }

func TestEndpoints(t *testing.T) {
	for _, all := range [][]string{proc.IPC(t, 3), proc.TCP(t, 3)} {
		if len(all) != 3 || all[0] == all[1] || all[1] == all[2] || len(all[0]) > 80 {
			t.Errorf("endpoints %q", all)
		}
	}
}
