package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// A test binary is the program: for proc where a variable says so, and for the scripts
// under the name "zactor".
func TestMain(m *testing.M) {
	if os.Getenv("ZACTOR_TEST_PROGRAM") != "" {
		proc.Main(m, main)
	}
	testscript.Main(checked{m}, map[string]func(){"zactor": main})
}

// checked runs the tests and then looks for goroutines that they have left.
type checked struct{ m *testing.M }

func (c checked) Run() int {
	code := c.m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, "goleak:", err)
		return 1
	}
	return code
}

// The scripts run the tool as a user does, and say what it prints and how it ends.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"awaits": awaits,
			"finds":  finds,
		},
		Condition: func(name string) (bool, error) {
			if name != "netns" {
				return false, fmt.Errorf("no condition %q", name)
			}
			return exec.Command("unshare", "-n", "true").Run() == nil, nil // Linux, and root
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			e.Setenv("PORT", strconv.Itoa(ztest.Port(t))) // of UDP, where nobody else meets
			return nil
		},
	})
}

// exits runs a command in the foreground and wants one exit code: exits 3 zactor pull ...
// Of an error it wants two lines: what went wrong, and what to do.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want, _ := strconv.Atoi(args[0]); code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
	if words := strings.Join(args[1:], " "); code != 0 && !saysItself.MatchString(words) {
		if problem := notTwoLines(ts.ReadFile("stderr")); problem != "" {
			ts.Fatalf("%s", problem)
		}
	}
}

// saysItself are the commands whose findings are the explanation, and the one that helps.
var saysItself = regexp.MustCompile(`zactor (doctor|ping)\b|^zactor$`)

// notTwoLines is what is wrong with what a command that failed has said: an error is one
// line, its hint another one. Notes may stand before them.
func notTwoLines(stderr string) string {
	var said []string
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "zactor: ") || strings.HasPrefix(line, "zactor: unknown command") {
			said = append(said, line)
		}
	}
	switch {
	case len(said) == 2 && strings.HasPrefix(said[0], "zactor") && strings.HasPrefix(said[1], "hint: ") && len(said[1]) > len("hint: x\n"):
		return ""
	}
	return fmt.Sprintf("an error is a line and a hint, and not\n%s", strings.Join(said, ""))
}

// awaits waits until a program of the script listens: awaits ./socket or 127.0.0.1:5555.
func awaits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awaits ADDRESS")
	}
	network, address := "tcp", args[0]
	if strings.HasPrefix(address, "./") {
		network, address = "unix", ts.MkAbs(address)
	}
	for until := time.Now().Add(ztest.Patience); ; {
		c, err := net.Dial(network, address)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("nobody listens: %v", err)
		}
		time.Sleep(5 * time.Millisecond) // nothing tells when another process listens
	}
}

// finds runs a command until it succeeds and prints what matches: another process takes note
// of things when it comes to it. finds '^warn ' zactor doctor ...
func finds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: finds PATTERN PROGRAM ARG...")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	for until := time.Now().Add(ztest.Patience); ; {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%v, and nothing matches %q", err, args[0])
		}
	}
}

func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		args     string
		code     int
		out, err string // parts of what is printed; "" for nothing at all
	}{
		{"", exitUsage, "", "zactor [command]"},
		{"help", exitOK, "demo", ""},
		{"-h", exitOK, "zactor [command]", ""},
		{"version", exitOK, "zactor ", ""},
		{"demmo", exitUsage, "", `unknown command "demmo"`},
		{"demo -nodes 0", exitUsage, "", "--nodes 0"},
		{"demo -h", exitOK, "zactor demo [flags]", ""},
		{"cert help", exitOK, "zactor cert [command]", ""},
		{"beacon", exitUsage, "", "which command?"},
		{"beacon help", exitOK, "zactor beacon [command]", ""},
		{"beacon send -h", exitOK, "zactor beacon send DATA", ""},
		{"beacon shout", exitUsage, "", `no command "shout"`},
		{"beacon send", exitUsage, "", "wanted, 0 given"},
		{"beacon send -hex xyz", exitUsage, "", `--hex "xyz"`},
		{"beacon send -port 0 x", exitUsage, "", "--port 0"},
		{"beacon send -every 0s x", exitUsage, "", "--every 0s"},
		{"beacon listen -n x", exitUsage, "", "invalid argument"},
		{"discover -h", exitOK, "zactor discover [flags]", ""},
		{"discover everybody", exitUsage, "", "unexpected argument"},
		{"discover -no-mdns -no-beacon", exitUsage, "", "nothing is left"},
		{"discover -no-beacon -type zre", exitFail, "", "zre"},
		{"node help", exitOK, "zactor node [NAME]", ""},
		{"node -port 65536", exitUsage, "", "--port 65536"},
		{"node -trust keys", exitUsage, "", "there is no --cert"},
		{"node -cert nowhere", exitFail, "", "nowhere"},
	} {
		var out, err bytes.Buffer
		if code := run(t.Context(), strings.Fields(c.args), &out, &err); code != c.code {
			t.Errorf("%q: exit code %d, want %d", c.args, code, c.code)
		}
		if !says(out.String(), c.out) || !says(err.String(), c.err) {
			t.Errorf("%q: printed %q and %q, want %q and %q", c.args, &out, &err, c.out, c.err)
		}
	}
}

func says(text, part string) bool {
	return strings.Contains(text, part) && (text == "") == (part == "")
}

// An interrupt from the keyboard ends the demo in order, as a user has it: with
// the summary so far, and 0.
func TestInterruptedByUser(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no interrupt to send to a process")
	}
	demo := proc.Start(t, "demo", "-json", "-nodes", "2", "-duration", "1h")
	demo.Expect(`"enter"`)
	lines := strings.Split(strings.TrimSpace(demo.Interrupt()), "\n")
	last := lines[len(lines)-1]
	if !strings.Contains(last, `"summary"`) || !strings.Contains(last, `"interrupted":true`) {
		t.Errorf("its last line is %q", last)
	}
}
