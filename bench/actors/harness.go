package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// This file is used twice: here, and beside actors of an older version.

// A subject is one implementation: what is measured of it. A nil function is one that
// it does not have.
type subject struct {
	// oneWay makes an actor that counts to n, and returns how to send to it and what is
	// closed when it has counted.
	oneWay func(n int) (send func(), done <-chan struct{})
	// ask makes an actor that answers, and returns how to ask it.
	ask func() (once func())
	// pingPong has two actors exchange n messages.
	pingPong func(n int)
	// spawn makes an idle actor, and returns how to end it.
	spawn func() (end func())
	// restart makes a supervisor with children, and returns how to have one fail and
	// wait until its next life has answered.
	restart func(children int) (fail func(i int))
}

// work measures one thing, and prints its figure.
func work(s subject, what string, n int) {
	switch what {
	case "oneway1":
		report(n, func() { oneWay(s, n, 1) })
	case "oneway8":
		report(n, func() { oneWay(s, n, 8) })
	case "ask1":
		report(n, func() { asks(s, n, 1) })
	case "ask64":
		report(n, func() { asks(s, n, 64) })
	case "pingpong":
		report(n, func() { s.pingPong(n) })
	case "spawn":
		report(n, func() { keep = spawnAll(s, n) })
	case "idle":
		before := inUse()
		keep = spawnAll(s, n)
		fmt.Println(float64(inUse()-before) / float64(n))
	case "million":
		begin := time.Now()
		for _, end := range spawnAll(s, n) {
			end()
		}
		fmt.Println(time.Since(begin).Seconds())
	case "restart1":
		fmt.Println(restarts(s, 1, n))
	case "restart10k":
		fmt.Println(restarts(s, 10_000, n))
	default:
		fmt.Fprintln(os.Stderr, "no such work:", what)
		os.Exit(2)
	}
}

var keep []func()

// report prints the CPU time of an operation, in nanoseconds.
func report(n int, fn func()) {
	before := cpu()
	fn()
	fmt.Println(float64(cpu()-before) / float64(n))
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func oneWay(s subject, n, senders int) {
	n = n / senders * senders
	send, done := s.oneWay(n)
	for range senders {
		go func() {
			for range n / senders {
				send()
			}
		}()
	}
	<-done
}

func asks(s subject, n, askers int) {
	once := s.ask()
	var wg sync.WaitGroup
	for range askers {
		wg.Go(func() {
			for range n / askers {
				once()
			}
		})
	}
	wg.Wait()
}

func spawnAll(s subject, n int) []func() {
	ends := make([]func(), n)
	for i := range ends {
		ends[i] = s.spawn()
	}
	return ends
}

// inUse is the memory in use on heap and stacks.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// restarts is the median time from a failure to the answer of the next life, in
// nanoseconds: of one alone, or of 500 a second among many.
func restarts(s subject, children, n int) float64 {
	fail := s.restart(children)
	times := make([]time.Duration, n)
	for i := range times {
		if children > 1 {
			time.Sleep(2 * time.Millisecond)
		}
		begin := time.Now()
		fail(i % children)
		times[i] = time.Since(begin)
	}
	slices.Sort(times)
	return float64(times[n/2])
}
