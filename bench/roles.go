package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"
)

// role is what a worker process does, from its first socket to its last byte.
type role func(j *job) error

// roles are all parts that this binary can play, by the names that workloads
// give them.
func roles() map[string]role {
	return map[string]role{
		"pull-release": pullRelease,
		"pull-keep":    pullKeep,
		"push-reuse":   pushReuse,
		"push-plain":   pushPlain,
		"rep":          rep,
		"req":          req,
		"fanout-pub":   fanOutPub,
		"inproc-plain": inprocPlain,
		"inproc-reuse": inprocReuse,
		"inproc-batch": inprocBatch,
		"inproc-ask":   inprocAsk,

		"raw-recv":    rawReceive,
		"raw-send":    rawSend,
		"raw-reply":   rawReply,
		"raw-ask":     rawAsk,
		"raw-ask-hop": rawAskThroughReader,
		"chan":        chanHandOver,
		"chan-alloc":  chanAllocate,
		"chan-pool":   chanPool,
		"chan-ask":    chanAsk,
		"fanout-sink": fanOutSink,
	}
}

// job is what a worker was told: the arguments of the C program, and its words
// (see c/bench.h).
type job struct {
	endpoint string
	size     int
	n        int
	peers    int
}

// work plays the role named by a worker's command line: ROLE ENDPOINT SIZE N PEERS.
func work(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("worker needs 5 arguments, has %q", args)
	}
	play, ok := roles()[args[0]]
	if !ok {
		return fmt.Errorf("no role %q", args[0])
	}
	j := &job{endpoint: args[1]}
	for i, field := range []*int{&j.size, &j.n, &j.peers} {
		v, err := strconv.Atoi(args[2+i])
		if err != nil {
			return err
		}
		*field = v
	}
	return play(j)
}

// ready says where a server is to be found.
func (j *job) ready(endpoint string) { fmt.Println("READY", endpoint) }

// rate says how long all messages took.
func (j *job) rate(elapsed time.Duration) {
	fmt.Printf("RESULT n=%d ns=%d p50=0 p99=0\n", j.n, elapsed.Nanoseconds())
}

// hold keeps the process and its connections until the program that started
// this one has what it wants.
func (j *job) hold() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// warmUp is how many messages go before those that count, at least one.
func (j *job) warmUp() int { return j.n/10 + 1 }

// total is how many messages there are with those.
func (j *job) total() int { return j.warmUp() + j.n }

// oneWay calls receive until all messages have come, and tells how long those
// took that count.
func (j *job) oneWay(receive func() error) error {
	for range j.warmUp() {
		if err := receive(); err != nil {
			return err
		}
	}
	start := time.Now()
	for range j.n {
		if err := receive(); err != nil {
			return err
		}
	}
	j.rate(time.Since(start))
	return nil
}

// roundTrips times n calls of once, after some to warm up, and tells the result.
func (j *job) roundTrips(once func() error) error {
	for range j.warmUp() {
		if err := once(); err != nil {
			return err
		}
	}
	took := make([]time.Duration, j.n)
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
	fmt.Printf("RESULT n=%d ns=%d p50=%d p99=%d\n", j.n, elapsed.Nanoseconds(),
		took[j.n/2].Nanoseconds(), took[j.n*99/100].Nanoseconds())
	return nil
}
