//go:build linux

package netns

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Process runs on a host and speaks in lines.
type Process struct {
	Lines <-chan string // what it prints; closed when it has ended

	t    testing.TB
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	end  func() error // waits for it; after Kill that does not take long
}

// maxLines is how many lines of a process may wait. One that says more without being
// read waits itself.
const maxLines = 1 << 16

// Run runs a process that ends with its input, at the latest with the test, and
// without an error: else the test fails.
func (l *LAN) Run(host string, env []string, command ...string) *Process {
	l.t.Helper()
	p := l.start(host, env, command)
	l.t.Cleanup(func() {
		p.Hangup()
		timer := time.AfterFunc(patience, p.Kill)
		defer timer.Stop()
		for range p.Lines {
		}
		if err := p.end(); err != nil {
			l.t.Errorf("%s: %v", p.name, err)
		}
	})
	return p
}

// Daemon runs a process that does not end by itself. It is killed with the test.
func (l *LAN) Daemon(host string, env []string, command ...string) *Process {
	l.t.Helper()
	p := l.start(host, env, command)
	l.t.Cleanup(func() {
		p.Kill()
		_ = p.end()
	})
	return p
}

func (l *LAN) start(host string, env, command []string) *Process {
	l.t.Helper()
	p := &Process{t: l.t, name: strings.Join(command, " ")}
	p.cmd = exec.Command("ip", append([]string{"netns", "exec", host}, command...)...)
	p.cmd.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=0"), env...) // else each end takes a second
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.WaitDelay = patience // for a grandchild that holds the output open
	p.end = sync.OnceValue(p.cmd.Wait)
	in, err1 := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		l.t.Fatal(err1, err2)
	}
	lines := make(chan string, maxLines)
	p.in, p.Lines = in, lines
	started := make(chan error)
	go p.follow(out, lines, started)
	if err := <-started; err != nil {
		l.t.Fatalf("%s: %v", p.name, err)
	}
	return p
}

// follow starts the process and reads what it says until it ends. The death of the
// thread that has started a process is what Pdeathsig goes by, so it is kept.
func (p *Process) follow(out io.Reader, lines chan<- string, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(lines)
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	for s := bufio.NewScanner(out); s.Scan(); {
		lines <- s.Text()
	}
}

// Kill ends the process at once. It may be called again.
func (p *Process) Kill() { _ = p.cmd.Process.Kill() }

// Say sends the process a line.
func (p *Process) Say(words ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.in, words...); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// Hangup ends the process's input.
func (p *Process) Hangup() { _ = p.in.Close() }

// Want waits for a line that starts with prefix, and returns its rest.
func (p *Process) Want(prefix string) string {
	p.t.Helper()
	_, rest := p.WantAny(prefix)
	return rest
}

// WantAny waits for a line that starts with one of the prefixes, and returns which one
// and its rest. Other lines are dropped.
func (p *Process) WantAny(prefixes ...string) (prefix, rest string) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case line, ok := <-p.Lines:
			if !ok {
				p.t.Fatalf("%s ended before it said %q", p.name, prefixes)
			}
			for _, prefix := range prefixes {
				if rest, ok := strings.CutPrefix(line, prefix); ok {
					return prefix, strings.TrimSpace(rest)
				}
			}
		case <-deadline:
			p.t.Fatalf("%s: no line %q came within %v", p.name, prefixes, patience)
		}
	}
}

// Forget drops the lines that have come.
func (p *Process) Forget() {
	for len(p.Lines) > 0 {
		<-p.Lines
	}
}
