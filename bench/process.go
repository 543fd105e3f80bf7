package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// task is what the processes of a run are told; they agree on every part of it.
type task struct {
	transport string
	size      int
	messages  int // before scaling
	peers     int // subscribers or senders, where there are several
	oneCore   bool
}

// program names a role of the C program or of this binary.
type program struct {
	native bool // the C one
	role   string
}

func libzmq(role string) program { return program{native: true, role: role} }
func inGo(role string) program   { return program{role: role} }

// together runs a server and a client that talk over tcp or ipc. Either of them
// measures.
func together(server, client program, t task) func(context.Context, *lab) (sample, error) {
	return func(ctx context.Context, l *lab) (sample, error) {
		r := newRun()
		defer r.kill()
		if err := r.start(ctx, l, server, t, l.endpoint(t.transport)); err != nil {
			return sample{}, err
		}
		endpoint, err := r.await(ctx, "READY ")
		if err != nil {
			return sample{}, err
		}
		if err := r.start(ctx, l, client, t, endpoint); err != nil {
			return sample{}, err
		}
		return r.collect(ctx)
	}
}

// alone runs one process that does both ends.
func alone(p program, t task) func(context.Context, *lab) (sample, error) {
	return func(ctx context.Context, l *lab) (sample, error) {
		r := newRun()
		defer r.kill()
		if err := r.start(ctx, l, p, t, l.endpoint(t.transport)); err != nil {
			return sample{}, err
		}
		return r.collect(ctx)
	}
}

// run is the processes of one run, and what they say.
type run struct {
	processes []*process
	said      chan line
}

// line is one line of a process's stdout, or its end.
type line struct {
	from  *process
	text  string
	ended bool
}

// newRun makes room for more lines than well-behaved processes have to say, so
// that their readers need not wait for anyone.
func newRun() *run { return &run{said: make(chan line, 16)} }

// await returns the rest of the next line, which must begin with prefix.
func (r *run) await(ctx context.Context, prefix string) (string, error) {
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("no %s: %w", strings.TrimSpace(prefix), ctx.Err())
	case got := <-r.said:
		rest, ok := strings.CutPrefix(got.text, prefix)
		switch {
		case got.ended:
			return "", fmt.Errorf("%s ended: %w: %s", got.from.role, got.from.wait(), got.from.stderr.String())
		case !ok:
			return "", fmt.Errorf("%s said %q, not %q", got.from.role, got.text, prefix)
		}
		return rest, nil
	}
}

// collect waits for the result that one of the processes has to tell, lets all
// of them end, and adds up their CPU time.
func (r *run) collect(ctx context.Context) (sample, error) {
	text, err := r.await(ctx, "RESULT ")
	if err != nil {
		return sample{}, err
	}
	s, err := parseResult(text)
	if err != nil {
		return sample{}, err
	}
	for _, p := range r.processes {
		if err := p.finish(); err != nil {
			return sample{}, err
		}
		s.cpu += p.cpu()
	}
	return s, nil
}

// parseResult reads "n=.. ns=.. p50=.. p99=..".
func parseResult(line string) (sample, error) {
	var n, ns, p50, p99 int64
	if _, err := fmt.Sscanf(line, "n=%d ns=%d p50=%d p99=%d", &n, &ns, &p50, &p99); err != nil {
		return sample{}, fmt.Errorf("result %q: %w", line, err)
	}
	if n <= 0 || ns <= 0 {
		return sample{}, fmt.Errorf("result %q measures nothing", line)
	}
	return sample{messages: int(n), elapsed: time.Duration(ns), p50: time.Duration(p50), p99: time.Duration(p99)}, nil
}

// process is a started program.
type process struct {
	role   string
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr bytes.Buffer
	read   chan struct{} // closed when its stdout has ended
	waited bool
	err    error // of waiting
}

// start starts a program with the arguments that C and Go have in common.
func (r *run) start(ctx context.Context, l *lab, p program, t task, endpoint string) error {
	argv := []string{l.self, "worker", p.role}
	if p.native {
		argv = []string{l.libzmq, p.role}
	}
	argv = append(argv, endpoint, strconv.Itoa(t.size), strconv.Itoa(l.count(t.messages)), strconv.Itoa(t.peers))
	if t.oneCore {
		argv = append([]string{"taskset", "-c", "0"}, argv...)
	}
	proc := &process{role: p.role, cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), read: make(chan struct{})}
	proc.cmd.Stderr = &proc.stderr
	in, err := proc.cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := proc.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := proc.cmd.Start(); err != nil {
		return err
	}
	proc.stdin = in
	r.processes = append(r.processes, proc)
	go r.listen(proc, out)
	return nil
}

// listen passes on what a process says, until it has no more to say.
func (r *run) listen(p *process, out io.Reader) {
	defer close(p.read)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		r.said <- line{from: p, text: lines.Text()}
	}
	r.said <- line{from: p, ended: true}
}

// finish tells the process to end by ending its stdin, and waits for it.
func (p *process) finish() error {
	_ = p.stdin.Close()
	if err := p.wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", p.role, err, p.stderr.String())
	}
	return nil
}

// wait waits for the end of the process's output and of itself; once is enough.
func (p *process) wait() error {
	<-p.read
	if !p.waited {
		p.waited, p.err = true, p.cmd.Wait()
	}
	return p.err
}

// cpu is the time the whole process took, user and system.
func (p *process) cpu() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// kill ends the processes that did not finish.
func (r *run) kill() {
	for _, p := range r.processes {
		if !p.waited {
			_ = p.cmd.Process.Kill()
			_ = p.wait()
		}
	}
}
