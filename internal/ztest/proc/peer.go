package proc

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// Peer is a program that is spoken to line by line: it reads what it is told from its
// standard input, and prints its answers. It ends with its input.
type Peer struct {
	t      testing.TB
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string
	errs   logbook.Book // what it says of its troubles
	killed atomic.Bool
	wait   func() error // for its end; what it prints and nobody has read by then is lost
}

// maxLines is how many lines of a peer may wait. One that says more without being read
// waits itself.
const maxLines = 1 << 16

// PythonPeer starts a script that may import zmq: see NewPeer. It inherits the files, as
// descriptors from 3 on.
func PythonPeer(t testing.TB, files []*os.File, script string, args ...string) *Peer {
	t.Helper()
	cmd := exec.Command(PythonPath, append([]string{script}, args...)...)
	cmd.ExtraFiles = files
	return NewPeer(t, cmd)
}

// NewPeer starts a program. When the test ends the program's input does, and it has to end
// by itself, with exit code 0, unless it was killed.
func NewPeer(t testing.TB, cmd *exec.Cmd) *Peer {
	t.Helper()
	p := &Peer{t: t, cmd: cmd, lines: make(chan string, maxLines)}
	cmd.Stderr = &p.errs
	ended := make(chan struct{})
	p.wait = sync.OnceValue(func() error { defer close(ended); return cmd.Wait() })
	var out io.Reader
	var err error
	if p.in, err = cmd.StdinPipe(); err == nil {
		if out, err = cmd.StdoutPipe(); err == nil {
			err = launch(cmd, ended)
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
	if err := s.Err(); err != nil && !errors.Is(err, os.ErrClosed) {
		p.t.Errorf("%s: what it says can't be read on: %v", p.cmd, err)
	}
}

func (p *Peer) end() {
	p.Hangup()
	kill := time.AfterFunc(ztest.Patience, func() { _, _ = p.cmd.Process.Kill(), p.wait() })
	defer kill.Stop()
	for range p.lines { // Wait may not come before the last of them
	}
	if err := p.wait(); err != nil && !p.killed.Load() {
		p.t.Errorf("%s ended with %v: %s", p.cmd, err, &p.errs)
	} else if text := p.Stderr(); p.t.Failed() && text != "" {
		p.t.Logf("%s: %s", p.cmd, text)
	}
}

// PID is the number of the process.
func (p *Peer) PID() int { return p.cmd.Process.Pid }

// Stderr is what it has said on its standard error.
func (p *Peer) Stderr() string { return p.errs.String() }

// Hangup ends the program's input.
func (p *Peer) Hangup() { _ = p.in.Close() }

// Kill ends the program at once, as a crash would, and waits for it. What it has printed
// and was not read may be lost. It may be called again.
func (p *Peer) Kill() {
	p.killed.Store(true)
	_ = p.cmd.Process.Kill()
	_ = p.wait()
}

// Lines are those that the program prints; the channel ends with the program.
func (p *Peer) Lines() <-chan string { return p.lines }

// Line is the next one.
func (p *Peer) Line() string {
	p.t.Helper()
	return p.line(time.Now().Add(ztest.Patience), "anything")
}

func (p *Peer) line(end time.Time, wanted any) string {
	p.t.Helper()
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	select {
	case line, ok := <-p.lines:
		if !ok {
			p.t.Fatalf("%s ended before it said %q: %s", p.cmd, wanted, &p.errs)
		}
		return line
	case <-timer.C:
		p.t.Fatalf("%s did not say %q: %s", p.cmd, wanted, &p.errs)
	}
	panic("unreachable")
}

// Want waits for a line that starts with prefix, and returns its rest. Other lines are
// dropped.
func (p *Peer) Want(prefix string) string {
	p.t.Helper()
	_, rest := p.WantAny(prefix)
	return rest
}

// WantAny waits for a line that starts with one of the prefixes, and returns which one
// and its rest. Other lines are dropped.
func (p *Peer) WantAny(prefixes ...string) (prefix, rest string) {
	p.t.Helper()
	for end := time.Now().Add(ztest.Patience); ; {
		line := p.line(end, prefixes)
		for _, prefix := range prefixes {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return prefix, strings.TrimSpace(rest)
			}
		}
	}
}

// Forget drops the lines that have come.
func (p *Peer) Forget() {
	for len(p.lines) > 0 {
		<-p.lines
	}
}

// Say tells the program a line of words: texts as they are, all else as JSON.
func (p *Peer) Say(words ...any) {
	p.t.Helper()
	if err := p.Tell(words...); err != nil {
		p.t.Fatalf("%s is told %v: %v: %s", p.cmd, words, err, &p.errs)
	}
}

// Tell is Say for a program that may have ended.
func (p *Peer) Tell(words ...any) error {
	texts := make([]string, len(words))
	for i, w := range words {
		var err error
		if texts[i], err = text(w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(p.in, strings.Join(texts, " ")+"\n")
	return err
}

func text(word any) (string, error) {
	switch w := word.(type) {
	case string:
		return w, nil
	case fmt.Stringer:
		return w.String(), nil
	}
	b, err := json.Marshal(word)
	return string(b), err
}

// Hear reads its next line as JSON.
func (p *Peer) Hear(v any) {
	p.t.Helper()
	if line := p.Line(); json.Unmarshal([]byte(line), v) != nil {
		p.t.Fatalf("%s says %q: %s", p.cmd, line, &p.errs)
	}
}
