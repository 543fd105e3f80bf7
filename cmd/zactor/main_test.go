package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		args     string
		code     int
		out, err string // parts of what is printed; "" for nothing at all
	}{
		{"", exitUsage, "", "usage: zactor"},
		{"help", exitOK, "demo", ""},
		{"-h", exitOK, "usage: zactor", ""},
		{"version", exitOK, "zactor ", ""},
		{"demmo", exitUsage, "", `unknown command "demmo"`},
		{"demo -nodes 0", exitUsage, "", "-nodes 0"},
		{"demo -h", exitOK, "usage: zactor demo", ""},
		{"cert help", exitOK, "usage: zactor cert", ""},
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
	tool := filepath.Join(t.TempDir(), "zactor")
	if out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	demo := exec.Command(tool, "demo", "-json", "-nodes", "2", "-duration", "1h")
	pipe, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(time.Minute, func() { demo.Process.Kill() })
	defer kill.Stop()

	var last string
	interrupted := false
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		last = lines.Text()
		if !interrupted && strings.Contains(last, `"enter"`) {
			interrupted = true
			demo.Process.Signal(os.Interrupt)
		}
	}
	if err := demo.Wait(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
	if !strings.Contains(last, `"summary"`) || !strings.Contains(last, `"interrupted":true`) {
		t.Errorf("its last line is %q", last)
	}
}
