package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
)

// The promises about time and memory, beside the same clients with a libzmq server.
const (
	timesLibzmq    = 2
	timesStrangers = 3
	mostMiB        = 100
)

// record makes the figures of every mechanism, on a quiet and on a busy machine.
func record(j *job, out io.Writer) error {
	if exec.Command(python, "-c", "import zmq").Run() != nil {
		return errors.New("the record needs pyzmq, for the libzmq server beside")
	}
	if j.Strangers < 0 {
		j.Strangers = j.N
	}
	fmt.Fprintf(out, "%d clients of one address, one message each; %d silent strangers; %d processors\n\n", j.N, j.Strangers, runtime.GOMAXPROCS(0))
	fmt.Fprintln(out, "| machine | mechanism | case | delivered | unsent | lost | s | x libzmq | handshakes failed | of them evicted | server MiB | |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|---|---|---|---|---|")
	broken := 0
	for machine, busy := range map[string]int{"quiet": 0, "busy": 2 * runtime.GOMAXPROCS(0)} {
		if j.Machine != "" && j.Machine != machine {
			continue
		}
		calm, err := load(j, busy)
		if err != nil {
			return err
		}
		for _, mechanism := range []string{"null", "plain", "curve"} {
			if j.Only != "" && j.Only != mechanism {
				continue
			}
			one := *j
			one.Mechanism = mechanism
			n, err := one.compare(out, busy > 0)
			if err != nil {
				calm()
				return fmt.Errorf("%s: %w", mechanism, err)
			}
			broken += n
		}
		calm()
	}
	if broken > 0 {
		return fmt.Errorf("%d promises broken", broken)
	}
	return nil
}

// load keeps n processors busy until it is called off.
func load(j *job, n int) (calm func(), err error) {
	var all []*process
	calm = func() {
		for _, p := range all {
			_ = p.end()
		}
	}
	busy := *j
	busy.Patience *= 10
	for range n {
		p, err := busy.self("spin", 0, ready{})
		if err != nil {
			calm()
			return nil, err
		}
		all = append(all, p)
	}
	return calm, nil
}

// compare prints a line for each case of one mechanism, and counts broken promises.
func (j *job) compare(out io.Writer, busy bool) (broken int, err error) {
	libzmq, err := j.two(0, true)
	if err != nil {
		return 0, err
	}
	cases := []struct {
		name  string
		run   func() (result, error)
		times float64 // libzmq's, at most; 0: it has no say
		mib   int
	}{
		{"libzmq server", func() (result, error) { return libzmq, nil }, 0, 0},
		{"two processes", func() (result, error) { return j.two(0, false) }, timesLibzmq, 0},
		{"one process", j.one, timesLibzmq, 0},
		{"with strangers", func() (result, error) { return j.two(j.Strangers, false) }, timesStrangers, mostMiB},
		{"with strangers that come again", func() (result, error) {
			again := *j
			again.Stay = true
			return again.two(j.Strangers, false)
		}, timesStrangers, mostMiB},
	}
	for _, c := range cases {
		r, err := c.run()
		if err != nil {
			return broken, fmt.Errorf("%s: %w", c.name, err)
		}
		times := r.Seconds / libzmq.Seconds
		verdict := "held"
		if r.lost() > 0 || r.Doubled > 0 || r.Sent+r.Unsent != j.N || c.times > 0 && times > c.times || c.mib > 0 && r.PeakMiB > c.mib {
			verdict = "BROKEN"
			broken++
		}
		if c.times == 0 {
			verdict = ""
		}
		fmt.Fprintf(out, "| %s | %s | %s | %d | %d | %d | %.2f | %.2f | %d | %d | %d | %s |\n", map[bool]string{false: "quiet", true: "busy"}[busy],
			j.Mechanism, c.name, r.Received, r.Unsent, r.lost(), r.Seconds, times, r.Failed, r.Evicted, r.PeakMiB, verdict)
	}
	return broken, nil
}

// lost is how many messages a client took for sent and the server did not get.
func (r result) lost() int { return max(0, r.Sent-r.Received) }

// spin keeps a processor busy until the input ends.
func spin(in io.Reader) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, in)
	}()
	for n := 0; ; n++ {
		if n%1000 == 0 {
			select {
			case <-ended:
				return nil
			default:
			}
		}
	}
}
