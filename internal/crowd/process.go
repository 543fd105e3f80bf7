package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

//go:embed libzmq.py
var onLibzmq string

// python is the interpreter that has pyzmq.
const python = "/usr/bin/python3"

// process is a side of the crowd in a process of its own. It ends with its input.
type process struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	late *time.Timer
}

// mark is in the environment of a test binary that is to be the program.
const mark = "ZACTOR_TEST_PROGRAM=1"

func start(patience time.Duration, name string, args ...string) (*process, error) {
	return launch(patience, []string{mark}, name, args...)
}

// launch starts a process with more in its environment.
func launch(patience time.Duration, env []string, name string, args ...string) (*process, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, in: in, out: bufio.NewReader(out)}
	p.late = time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	return p, nil
}

// hears reads the process's next line into v.
func (p *process) hears(v any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%v ended early: %w", p.cmd.Args[1:], err)
	}
	return json.Unmarshal(line, v)
}

// end closes the process's input and waits for its end.
func (p *process) end() error {
	defer p.late.Stop()
	p.in.Close()
	_, _ = io.Copy(io.Discard, p.out)
	return p.cmd.Wait()
}

// self starts another side of the same crowd.
func (j *job) self(role string, n int, at ready) (*process, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{
		"-role", role, "-mechanism", j.Mechanism, "-n", fmt.Sprint(n), "-backlog", fmt.Sprint(j.Backlog),
		"-verify", j.Verify.String(), "-patience", j.Patience.String(), "-places", fmt.Sprint(j.Places), fmt.Sprintf("-stay=%v", j.Stay),
	}
	if at.Endpoint != "" {
		args = append(args, "-endpoint", at.Endpoint, "-key", at.Key)
	}
	return start(j.Patience, path, args...)
}

// two is server and clients in a process each, and strangers in a third.
func (j *job) two(strangers int, libzmq bool) (r result, err error) {
	var s *process
	if libzmq {
		s, err = start(j.Patience, python, "-c", onLibzmq, j.Mechanism, fmt.Sprint(j.Verify.Seconds()))
	} else {
		s, err = j.self("server", j.N, ready{Endpoint: j.Endpoint})
	}
	if err != nil {
		return r, err
	}
	defer s.end()
	var at ready
	if err := s.hears(&at); err != nil {
		return r, err
	}
	if strangers > 0 {
		crowd, err := j.self("strangers", strangers, at)
		if err != nil {
			return r, err
		}
		defer crowd.end()
		var there int
		if err := crowd.hears(&there); err != nil {
			return r, err
		}
	}
	c, err := j.self("clients", j.N, at)
	if err != nil {
		return r, err
	}
	defer c.end()
	if err := c.hears(&r.sent); err != nil {
		return r, err
	}
	if _, err := fmt.Fprintln(s.in, r.Sent); err != nil {
		return r, err
	}
	return r, s.hears(&r.served)
}

// one is server and clients in one process.
func (j *job) one() (r result, err error) {
	p, err := j.self("both", j.N, ready{})
	if err != nil {
		return r, err
	}
	defer p.end()
	return r, p.hears(&r)
}
