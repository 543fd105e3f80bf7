// Package play runs the examples over a network in memory: the same run that main calls,
// with a context whose sockets stand on a zmqtest.Network. Nothing of an example is
// written for that. Time is that of a bubble of testing/synctest, where a second passes
// at once.
package play

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// patience bounds every wait, in the time of the bubble.
const patience = time.Hour

// Run is an example: all that its main does, until ctx ends.
type Run func(ctx context.Context, out io.Writer, args []string) error

// Stage is a network in memory, and the programs that run on it.
type Stage struct {
	*testing.T
	*zmqtest.Network
	Ctx      *zmq.Context // for the test's own sockets
	programs []*Program
}

// On makes a Stage and calls fn with it. Programs that run afterwards are interrupted.
func On(t *testing.T, f zmqtest.Faults, fn func(s *Stage)) {
	t.Helper()
	seed := zmqtest.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		s := &Stage{T: t, Network: zmqtest.NewNetwork(seed, f)}
		s.Ctx = zmq.NewContext(context.Background(), zmq.WithNetwork(s.Network))
		defer func() {
			s.Heal()
			s.Ctx.Close()
			for _, p := range s.programs {
				p.end()
			}
		}()
		fn(s)
		for _, p := range s.programs {
			p.Interrupt()
		}
	})
}

// Program is an example that runs, or has run, as a process would: with a zmq.Context of
// its own.
type Program struct {
	stage *Stage
	args  []string
	zmq   *zmq.Context
	stop  context.CancelFunc
	done  chan struct{} // closed when run has returned
	err   error         // what it returned; after done

	mu   sync.Mutex
	out  []byte
	seen int           // of out: how far Expect has got
	more chan struct{} // closed, and made anew, when out grows
}

// Start starts a program with arguments.
func (s *Stage) Start(run Run, args ...string) *Program {
	p := &Program{stage: s, args: args, done: make(chan struct{}), more: make(chan struct{})}
	p.zmq = zmq.NewContext(context.Background(), zmq.WithNetwork(s.Network))
	ctx, stop := context.WithCancel(p.zmq)
	p.stop = stop
	s.programs = append(s.programs, p)
	go func() {
		defer close(p.done)
		p.err = run(ctx, p, args)
	}()
	return p
}

// Write takes what the program prints.
func (p *Program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = append(p.out, b...)
	close(p.more)
	p.more = make(chan struct{})
	return len(b), nil
}

// Output is all that the program has printed.
func (p *Program) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.out)
}

// Expect waits for a line that matches a regular expression, after those that earlier calls
// have returned, and returns the match and its groups.
func (p *Program) Expect(pattern string) []string {
	p.stage.Helper()
	re := regexp.MustCompile(pattern)
	late := time.NewTimer(patience)
	defer late.Stop()
	for over := false; ; {
		found, more := p.next(re)
		switch {
		case found != nil:
			return found
		case over:
			p.stage.Fatalf("%q ended without %q; it printed\n%s", p.args, pattern, p.Output())
		}
		select {
		case <-more:
		case <-p.done:
			over = true
		case <-late.C:
			over = true
		}
	}
}

// next looks at the whole lines that no call has looked at.
func (p *Program) next(re *regexp.Regexp) (found []string, more <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		end := bytes.IndexByte(p.out[p.seen:], '\n')
		if end < 0 {
			return nil, p.more
		}
		line := string(p.out[p.seen : p.seen+end])
		p.seen += end + 1
		if found := re.FindStringSubmatch(line); found != nil {
			return found, nil
		}
	}
}

// Wait waits until the program ends by itself, without an error, and returns all that it
// has printed.
func (p *Program) Wait() string {
	p.stage.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
		p.stage.Fatalf("%q does not end; it printed\n%s", p.args, p.Output())
	}
	if p.err != nil {
		p.stage.Errorf("%q ended with %v; it printed\n%s", p.args, p.err, p.Output())
	}
	return p.Output()
}

// Fails waits until the program ends by itself, with an error, and returns that.
func (p *Program) Fails() (err error) {
	p.stage.Helper()
	<-p.done
	err, p.err = p.err, nil
	if err == nil {
		p.stage.Errorf("%q ended without an error; it printed\n%s", p.args, p.Output())
	}
	return err
}

// Interrupt is Ctrl-C: the program ends, without an error.
func (p *Program) Interrupt() string {
	p.stage.Helper()
	p.stop()
	return p.Wait()
}

// Want waits for the end of the program and compares all that it has printed.
func (p *Program) Want(text string) {
	p.stage.Helper()
	if got := p.Wait(); got != text {
		p.stage.Errorf("%q printed\n%s\nwant\n%s", p.args, got, text)
	}
}

// Crash ends the program as a power cut does: its peers learn of it by what they do not
// hear any more. What it returns is of no interest.
func (p *Program) Crash() {
	p.zmq.Interrupt()
	p.end()
	p.err = nil
}

// end ends what is left of the program.
func (p *Program) end() {
	p.stop()
	<-p.done
	p.zmq.Close()
}
