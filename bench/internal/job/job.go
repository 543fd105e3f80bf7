// Package job is what the lab and its workers agree on: how a worker is told its
// work, and the words in which it answers.
//
// A worker is started as ROLE ENDPOINT SIZE N PEERS. A server says "READY
// endpoint" on stdout; whichever process measures says "RESULT n=.. ns=.." with
// more names and numbers where there is more to tell; both then keep their
// sockets until stdin ends. The C program (c/bench.h) speaks the same.
package job

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Role is what a worker does, from its first socket to its last byte.
type Role func(j *Job) error

// Job is what a worker was told.
type Job struct {
	Endpoint string
	Size     int // bytes of a message
	N        int // messages that count
	Peers    int // subscribers, senders or connections, where there are several
}

// Work plays the role that a worker's command line names.
func Work(roles map[string]Role, args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("a worker needs ROLE ENDPOINT SIZE N PEERS, has %q", args)
	}
	play, ok := roles[args[0]]
	if !ok {
		return fmt.Errorf("no role %q", args[0])
	}
	j := &Job{Endpoint: args[1]}
	for i, field := range []*int{&j.Size, &j.N, &j.Peers} {
		v, err := strconv.Atoi(args[2+i])
		if err != nil {
			return err
		}
		*field = v
	}
	return play(j)
}

// Ready says where a server is to be found.
func (j *Job) Ready(endpoint string) { fmt.Println("READY", endpoint) }

// A Figure is one number that a run measured.
type Figure struct {
	Name  string
	Value float64
}

// Tell says what n pieces of work took in all, and what else was measured.
func (j *Job) Tell(n int, elapsed time.Duration, more ...Figure) {
	var b strings.Builder
	fmt.Fprintf(&b, "RESULT n=%d ns=%d", n, elapsed.Nanoseconds())
	for _, f := range more {
		fmt.Fprintf(&b, " %s=%g", f.Name, f.Value)
	}
	fmt.Println(b.String())
}

// Hold keeps the process and its connections until the lab has what it wants.
func (j *Job) Hold() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// WarmUp is how many messages go before those that count, at least one.
func (j *Job) WarmUp() int { return j.N/10 + 1 }

// Total is how many messages there are with those.
func (j *Job) Total() int { return j.WarmUp() + j.N }

// all is the figure from which CPU time is spread over all messages.
func (j *Job) all() Figure { return Figure{"all", float64(j.Total())} }

// OneWay calls receive until all messages have come, and tells how long those
// took that count.
func (j *Job) OneWay(receive func() error) error {
	if err := repeat(j.WarmUp(), receive); err != nil {
		return err
	}
	start := time.Now()
	if err := repeat(j.N, receive); err != nil {
		return err
	}
	j.Tell(j.N, time.Since(start), j.all())
	return nil
}

// Arrivals is OneWay for those who are called with each message: arrived belongs
// in the callback, and told is closed when all have come.
func (j *Job) Arrivals() (arrived func(), told <-chan struct{}) {
	done := make(chan struct{})
	n, start := 0, time.Time{}
	return func() {
		switch n++; n {
		case j.WarmUp():
			start = time.Now()
		case j.Total():
			j.Tell(j.N, time.Since(start), j.all())
			close(done)
		}
	}, done
}

func repeat(n int, once func() error) error {
	for range n {
		if err := once(); err != nil {
			return err
		}
	}
	return nil
}

// RoundTrips times each of n calls of once, after some to warm up, and tells the
// percentiles.
func (j *Job) RoundTrips(once func() error) error {
	if err := repeat(j.WarmUp(), once); err != nil {
		return err
	}
	took := make([]time.Duration, j.N)
	begin := time.Now()
	for i := range took {
		start := time.Now()
		if err := once(); err != nil {
			return err
		}
		took[i] = time.Since(start)
	}
	elapsed := time.Since(begin)
	slices.Sort(took)
	j.Tell(j.N, elapsed, append(percentiles(took), j.all())...)
	return nil
}

// percentiles are those that the plots show, in nanoseconds.
func percentiles(sorted []time.Duration) []Figure {
	at := func(perMille int) float64 { return float64(sorted[len(sorted)*perMille/1000]) }
	return []Figure{{"p50", at(500)}, {"p90", at(900)}, {"p99", at(990)}, {"p999", at(999)}}
}
