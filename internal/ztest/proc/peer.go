package proc

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// Peer is a program of another language that is spoken to line by line: it reads what it
// is told from its standard input, and prints its answers. It ends with its input.
type Peer struct {
	t     testing.TB
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	errs  errs
}

// errs is what a program says of its troubles.
type errs struct {
	mu  sync.Mutex
	all strings.Builder
}

func (e *errs) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all.Write(b)
}

func (e *errs) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all.String()
}

// PythonPeer starts a script that may import zmq: see NewPeer. It inherits the files, as
// descriptors from 3 on.
func PythonPeer(t testing.TB, files []*os.File, script string, args ...string) *Peer {
	t.Helper()
	cmd := exec.Command(python, append([]string{script}, args...)...)
	cmd.ExtraFiles = files
	return NewPeer(t, cmd)
}

// NewPeer starts a program. When the test ends the program's input does, and it has to end
// by itself, with exit code 0.
func NewPeer(t testing.TB, cmd *exec.Cmd) *Peer {
	t.Helper()
	p := &Peer{t: t, cmd: cmd, lines: make(chan string, 64)}
	cmd.Stderr = &p.errs
	var out io.Reader
	var err error
	if p.in, err = cmd.StdinPipe(); err == nil {
		if out, err = cmd.StdoutPipe(); err == nil {
			err = cmd.Start()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	go p.read(out)
	t.Cleanup(p.end)
	return p
}

func (p *Peer) read(out io.Reader) {
	defer close(p.lines)
	s := bufio.NewScanner(out)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		p.lines <- s.Text()
	}
	if err := s.Err(); err != nil {
		p.t.Errorf("%s: what it says can't be read on: %v", p.cmd, err)
	}
}

func (p *Peer) end() {
	p.in.Close()
	kill := time.AfterFunc(ztest.Patience, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	for range p.lines { // Wait may not come before the last of them
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%s ended with %v: %s", p.cmd, err, &p.errs)
	}
}

// PID is the number of the process.
func (p *Peer) PID() int { return p.cmd.Process.Pid }

// Lines are those that the program prints; the channel ends with the program.
func (p *Peer) Lines() <-chan string { return p.lines }

// Line is the next one.
func (p *Peer) Line() string {
	p.t.Helper()
	timer := time.NewTimer(ztest.Patience)
	defer timer.Stop()
	select {
	case line, ok := <-p.lines:
		if !ok {
			p.t.Fatalf("%s says no more: %s", p.cmd, &p.errs)
		}
		return line
	case <-timer.C:
		p.t.Fatalf("%s says nothing: %s", p.cmd, &p.errs)
	}
	panic("unreachable")
}

// Say tells it a value, as one line of JSON.
func (p *Peer) Say(v any) {
	p.t.Helper()
	line, err := json.Marshal(v)
	if err == nil {
		_, err = p.in.Write(append(line, '\n'))
	}
	if err != nil {
		p.t.Fatalf("%s is told %v: %v: %s", p.cmd, v, err, &p.errs)
	}
}

// Hear reads its next line as JSON.
func (p *Peer) Hear(v any) {
	p.t.Helper()
	if line := p.Line(); json.Unmarshal([]byte(line), v) != nil {
		p.t.Fatalf("%s says %q: %s", p.cmd, line, &p.errs)
	}
}
