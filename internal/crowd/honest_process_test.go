package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// part is what a process of the test binary is to be, by the variable of partMark.
type part struct {
	Listener string // its name
	Role     string // "serve", "honest" or "hostile"
	At       string // where the listener is
	Program  string // where its program hears what it is to do
}

const partMark = "ZACTOR_HONEST_PART"

// done is what a part answers to a line of its input.
type done struct {
	Took time.Duration
	Err  string
}

// apart has each part in a process of its own.
func (s *stage) apart(l listener) (timing, attacker, attacker) {
	at, other := s.part(part{Listener: l.name, Role: "serve"}), s.part(part{Listener: l.name, Role: "serve"})
	here, there := at.place, other.place
	here.Role, there.Role = "honest", "hostile"
	honest := s.part(here, "GOMAXPROCS=1")
	here.Role = "hostile"
	beside, elsewhere := s.part(here, "GOMAXPROCS=1"), s.part(there, "GOMAXPROCS=1")
	return honest.once, beside.works, elsewhere.works
}

// player is a part in its process.
type player struct {
	*stage
	*process
	place part
}

// part starts one and waits until it is ready.
func (s *stage) part(p part, env ...string) *player {
	s.Helper()
	path, err := os.Executable()
	s.ok(err)
	args := []string{"-test.run=^TestPart$", "-test.timeout=1h", "-full"}
	if taskset, err := exec.LookPath("taskset"); p.Role == "hostile" && err == nil && runtime.NumCPU() > 1 {
		path, args = taskset, append([]string{"-c", strconv.Itoa(runtime.NumCPU() - 1), path}, args...)
	}
	text, err := json.Marshal(p)
	s.ok(err)
	proc, err := launch(time.Hour, append(env, partMark+"="+string(text)), path, args...)
	s.ok(err)
	a := &player{stage: s, process: proc}
	s.Cleanup(func() { _ = proc.end() })
	s.ok(a.hears(&a.place))
	return a
}

// ask has the part do what a line says, and returns its answer.
func (p *player) ask(line string) (done, error) {
	var d done
	_, err := fmt.Fprintln(p.in, line)
	if err == nil {
		err = p.hears(&d)
	}
	if err == nil && d.Err != "" {
		err = fmt.Errorf("%s", d.Err)
	}
	return d, err
}

// once is a service of an honest part.
func (p *player) once(context.Context) (time.Duration, error) {
	d, err := p.ask("serve")
	return d.Took, err
}

// works is an attack of a hostile part.
func (p *player) works() (stop func()) {
	p.say("on")
	return func() { p.say("off") }
}

func (p *player) say(line string) {
	if _, err := p.ask(line); err != nil {
		p.Error(err)
	}
}

// TestPart is a part of TestHonestBesideHostile: it ends with its input.
func TestPart(t *testing.T) {
	var p part
	text := os.Getenv(partMark)
	if text == "" {
		t.Skip("for processes of TestHonestBesideHostile")
	}
	s := newStage(t)
	s.ok(json.Unmarshal([]byte(text), &p))
	all := listeners()
	l := all[slices.IndexFunc(all, func(l listener) bool { return l.name == p.Listener })]
	answer := func(string) done { return done{} }
	switch p.Role {
	case "serve":
		at := l.serve(s)
		p.At, p.Program = at.at, s.hear(at)
	case "honest":
		serve := timed(l.honest(s, p.At, s.teller(p.Program)))
		answer = func(string) (d done) {
			ctx, cancel := context.WithTimeout(s.ctx, starved)
			defer cancel()
			took, err := serve(ctx)
			if d.Took = took; err != nil {
				d.Err = err.Error()
			}
			return d
		}
	case "hostile":
		works, stop := s.attacker(l.hostile(s, p.At)), func() {}
		answer = func(line string) done {
			if stop(); line == "on" {
				stop = works()
			} else {
				stop = func() {}
			}
			return done{}
		}
	}
	s.ok(say(os.Stdout, p))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		s.ok(say(os.Stdout, answer(in.Text())))
	}
}

// hear lets a listener's program hear what it is to do, and returns where.
func (s *stage) hear(at place) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.ok(err)
	s.Cleanup(func() { l.Close() })
	s.wg.Go(func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		defer context.AfterFunc(s.ctx, func() { c.Close() })()
		for {
			var what string
			var n int
			if _, err := fmt.Fscanln(c, &what, &n); err != nil {
				return
			}
			var d done
			if err := at.does(s.ctx, what, n); err != nil {
				d.Err = err.Error()
			}
			if say(c, d) != nil {
				return
			}
		}
	})
	return l.Addr().String()
}

// teller is the honest peer's end of hear.
func (s *stage) teller(addr string) teller {
	c, err := net.Dial("tcp", addr)
	s.ok(err)
	s.Cleanup(func() { c.Close() })
	answers := json.NewDecoder(c)
	return func(ctx context.Context, what string, n int) error {
		end, _ := ctx.Deadline()
		_ = c.SetDeadline(end)
		var d done
		_, err := fmt.Fprintln(c, what, n)
		if err == nil {
			err = answers.Decode(&d)
		}
		if err == nil && d.Err != "" {
			err = fmt.Errorf("%s", d.Err)
		}
		return err
	}
}
