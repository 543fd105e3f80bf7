package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// task is what the processes of a run are told; they agree on every part of it.
type task struct {
	transport string
	size      int
	messages  int // see contender
	peers     int // subscribers, senders or connections, where there are several
	oneCore   bool
	least     int
	fixed     bool
	extra     float64 // see contender
	tellers   int     // how many of the processes have a result to tell, if not one
	files     int     // open files that one of them needs
	memory    int     // bytes
}

// program names a role of one of the binaries.
type program struct {
	in   binary
	role string
}

func libzmq(role string) program { return program{native, role} }
func byCgo(role string) program  { return program{shim, role} }
func inGo(role string) program   { return program{ours, role} }

// together is a contender of a server and a client that talk over tcp or ipc.
// Either of them measures.
func together(name string, server, client program, t task) contender {
	return t.contender(name, func(ctx context.Context, l *lab, n int) (sample, error) {
		r := newRun()
		defer r.kill()
		if err := r.start(ctx, l, server, t, n, l.endpoint(t.transport)); err != nil {
			return nil, err
		}
		endpoint, err := r.await(ctx, "READY ")
		if err != nil {
			return nil, err
		}
		if err := r.start(ctx, l, client, t, n, endpoint); err != nil {
			return nil, err
		}
		return r.collect(ctx, max(1, t.tellers))
	}, server, client)
}

// alone is a contender of one process that does both ends.
func alone(name string, p program, t task) contender {
	return t.contender(name, func(ctx context.Context, l *lab, n int) (sample, error) {
		r := newRun()
		defer r.kill()
		if err := r.start(ctx, l, p, t, n, l.endpoint(t.transport)); err != nil {
			return nil, err
		}
		return r.collect(ctx, 1)
	}, p)
}

// leastMessages make percentiles of something.
const leastMessages = 20

func (t task) contender(name string, run func(context.Context, *lab, int) (sample, error), programs ...program) contender {
	missing := func(l *lab) string { return t.missing(l, programs) }
	return contender{name: name, run: run, missing: missing, messages: t.messages, least: max(leastMessages, t.least), fixed: t.fixed, extra: t.extra}
}

// missing tells what this machine does not have for a task.
func (t task) missing(l *lab, programs []program) string {
	for _, p := range programs {
		if why := l.absent[p.in]; why != "" {
			return why
		}
	}
	if _, err := exec.LookPath("taskset"); t.oneCore && err != nil {
		return "no taskset"
	}
	if have := openFiles(); t.files > have {
		return fmt.Sprintf("needs %d open files, may have %d", t.files, have)
	}
	if have := freeMemory(); t.memory > have {
		return fmt.Sprintf("needs %d MB of memory, %d are free", t.memory>>20, have>>20)
	}
	return ""
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

// collect waits for the results that processes have to tell, lets all of them end,
// and adds up their CPU time.
func (r *run) collect(ctx context.Context, tellers int) (sample, error) {
	s := sample{}
	for range tellers {
		text, err := r.await(ctx, "RESULT ")
		if err != nil {
			return nil, err
		}
		if err := s.parseResult(text); err != nil {
			return nil, err
		}
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	for _, p := range r.processes {
		_ = p.stdin.Close() // which ends it
	}
	for _, p := range r.processes {
		if err := p.wait(); err != nil {
			return nil, fmt.Errorf("%s: %w: %s", p.role, err, p.stderr.String())
		}
		s["cpu"] += float64(p.cpu())
	}
	return s, nil
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
func (r *run) start(ctx context.Context, l *lab, p program, t task, n int, endpoint string) error {
	argv := []string{l.built[p.in], p.role, endpoint, strconv.Itoa(t.size), strconv.Itoa(l.atMost(n)), strconv.Itoa(l.atMost(t.peers))}
	if p.in == ours {
		argv = slices.Insert(argv, 1, "worker")
	}
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
