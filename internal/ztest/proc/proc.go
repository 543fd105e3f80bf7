// Package proc runs programs as processes of their own, and waits for what they
// print: it is how the examples are tested.
//
// A test binary is its program, too. With
//
//	func TestMain(m *testing.M) { proc.Main(m, main) }
//
// Start runs the package's main in a new process, without building anything.
package proc

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ztest"
)

// patience bounds every wait. Nothing takes more than a fraction of it unless
// something is wrong.
const patience = ztest.Patience

// mark is in the environment of a process that is to be the program.
const mark = "ZACTOR_TEST_PROGRAM"

// PythonPath is the interpreter that has pyzmq; one of the same name earlier in PATH may
// be another.
const PythonPath = "/usr/bin/python3"

// Main is for TestMain: it runs the program in a process that Start has started,
// and the tests in all others.
func Main(m *testing.M, program func()) {
	if os.Getenv(mark) != "" {
		program()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// Starter starts a program with arguments. The process ends with the test.
type Starter func(t testing.TB, args ...string) *Process

// Start starts the program of the package that is tested.
func Start(t testing.TB, args ...string) *Process {
	t.Helper()
	return start(t, self(args))
}

// With is Start for a program whose command the test changes before: its environment,
// its files, or what starts it.
func With(t testing.TB, change func(*exec.Cmd), args ...string) *Process {
	t.Helper()
	cmd := self(args)
	change(cmd)
	return start(t, cmd)
}

// Typed is Start for a program that reads: what is written to the pipe is its input.
func Typed(t testing.TB, args ...string) (*Process, io.WriteCloser) {
	t.Helper()
	cmd := self(args)
	in, err := cmd.StdinPipe() // closed when the process has ended
	if err != nil {
		t.Fatal(err)
	}
	return start(t, cmd), in
}

func self(args []string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), mark+"=1")
	return cmd
}

// Python starts a script, usually the same program on libzmq.
func Python(script string) Starter {
	return func(t testing.TB, args ...string) *Process {
		t.Helper()
		p := start(t, exec.Command(PythonPath, append([]string{"-u", script}, args...)...))
		p.deaf = true
		return p
	}
}

// Program starts an executable file.
func Program(path string) Starter {
	return func(t testing.TB, args ...string) *Process {
		t.Helper()
		return start(t, exec.Command(path, args...))
	}
}

// Process is a program that runs, or has run.
type Process struct {
	t    testing.TB
	name string
	cmd  *exec.Cmd
	deaf bool          // it may not hear an interrupt
	done chan struct{} // closed when it has ended
	err  error         // of its end; after done

	mu   sync.Mutex
	more *sync.Cond // on mu: out has grown, or the process has ended
	out  []byte     // what it has printed, stderr too
	seen int        // of out: how far Expect has got
	over bool
}

func start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{t: t, name: strings.Join(cmd.Args, " "), cmd: cmd, done: make(chan struct{})}
	p.more = sync.NewCond(&p.mu)
	cmd.Stdout, cmd.Stderr = p, p
	if err := launch(cmd, p.done); err != nil {
		t.Fatal(err)
	}
	go p.reap()
	t.Cleanup(p.Kill)
	return p
}

func (p *Process) reap() {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.err, p.over = err, true
	p.mu.Unlock()
	p.more.Broadcast()
	close(p.done)
}

// Write takes what the process prints.
func (p *Process) Write(b []byte) (int, error) {
	p.mu.Lock()
	p.out = append(p.out, b...)
	p.mu.Unlock()
	p.more.Broadcast()
	return len(b), nil
}

// Output is all that the process has printed.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.out)
}

// Expect waits for a line that matches a regular expression, after those that
// earlier calls have returned, and returns the match and its groups.
func (p *Process) Expect(pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.AfterFunc(patience, p.Kill)
	defer late.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if found := p.next(re); found != nil {
			return found
		}
		if p.over {
			p.t.Fatalf("%s ended (%v) without %q; it printed\n%s", p.name, p.err, pattern, p.out)
		}
		p.more.Wait()
	}
}

// next looks at the whole lines that no call has looked at.
func (p *Process) next(re *regexp.Regexp) []string {
	for {
		end := bytes.IndexByte(p.out[p.seen:], '\n')
		if end < 0 {
			return nil
		}
		line := string(p.out[p.seen : p.seen+end])
		p.seen += end + 1
		if found := re.FindStringSubmatch(line); found != nil {
			return found
		}
	}
}

// Wait waits until the process ends, which it must do without an error, and returns
// all that it has printed.
func (p *Process) Wait() string {
	p.t.Helper()
	late := time.AfterFunc(patience, p.Kill)
	defer late.Stop()
	<-p.done
	if p.err != nil {
		p.t.Fatalf("%s: %v; it printed\n%s", p.name, p.err, p.out)
	}
	return string(p.out)
}

// Interrupt asks the process to end, as Ctrl-C does, and waits for it. A script is
// killed: a signal that comes just before it waits in libzmq does not wake it.
func (p *Process) Interrupt() string {
	p.t.Helper()
	if p.deaf {
		p.Kill()
		return p.Output()
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	return p.Wait()
}

// Kill ends the process at once, as a crash would, and waits for it.
func (p *Process) Kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// Want waits for the end of the process and compares all that it has printed.
func (p *Process) Want(text string) {
	p.t.Helper()
	if got := p.Wait(); got != text {
		p.t.Errorf("%s printed\n%s\nwant\n%s", p.name, got, text)
	}
}

// String is the command line.
func (p *Process) String() string { return fmt.Sprintf("process %q", p.name) }
