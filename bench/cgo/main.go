//go:build libzmq

// Command cgo is libzmq as Go programs get it through bindings such as pebbe/zmq4
// and goczmq: each call crosses into C, and each message is copied on the way in
// and on the way out. The lab builds it where cgo, a compiler and libzmq are; the
// build tag libzmq keeps it out of every other build.
package main

import (
	"fmt"
	"os"

	"github.com/go-zactor/zactor/bench/internal/job"
)

func main() {
	if err := job.Work(roles, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cgo:", err)
		os.Exit(1)
	}
}

var roles = map[string]job.Role{
	"throughput-recv":   receive,
	"throughput-send":   transmit,
	"throughput-inproc": inproc(pull, push, receiveAll, sendAll),
	"latency-rep":       reply,
	"latency-req":       ask,
	"latency-inproc":    inproc(req, rep, askAll, replyAll),
}

func receive(j *job.Job) error  { return serve(j, pull, receiveAll) }
func transmit(j *job.Job) error { return call(j, push, sendAll) }
func reply(j *job.Job) error    { return serve(j, rep, replyAll) }
func ask(j *job.Job) error      { return call(j, req, askAll) }

// serve binds a socket, tells where, does its work, and holds on.
func serve(j *job.Job, kind kind, work func(*job.Job, socket) error) error {
	c := newContext()
	defer c.term()
	s, err := c.bind(kind, j.Endpoint)
	if err != nil {
		return err
	}
	defer s.close()
	j.Ready(s.endpoint())
	if err := work(j, s); err != nil {
		return err
	}
	return j.Hold()
}

// call connects a socket, does its work, and holds on.
func call(j *job.Job, kind kind, work func(*job.Job, socket) error) error {
	c := newContext()
	defer c.term()
	s, err := c.connect(kind, j.Endpoint)
	if err != nil {
		return err
	}
	defer s.close()
	if err := work(j, s); err != nil {
		return err
	}
	return j.Hold()
}

// inproc joins two sockets of this process; the second works in a goroutine.
func inproc(near, far kind, here, there func(*job.Job, socket) error) job.Role {
	return func(j *job.Job) error {
		c := newContext()
		defer c.term()
		s, err := c.bind(near, j.Endpoint)
		if err != nil {
			return err
		}
		defer s.close()
		done := make(chan error, 1)
		go func() {
			s, err := c.connect(far, j.Endpoint)
			if err == nil {
				err = there(j, s)
				s.close()
			}
			done <- err
		}()
		if err := here(j, s); err != nil {
			return err
		}
		return <-done
	}
}

func receiveAll(j *job.Job, s socket) error {
	return j.OneWay(func() error { return takeOne(j, s) })
}

func takeOne(j *job.Job, s socket) error {
	b, err := s.recv()
	if err == nil && len(b) != j.Size {
		return fmt.Errorf("received %d bytes, want %d", len(b), j.Size)
	}
	return err
}

func sendAll(j *job.Job, s socket) error {
	buf := make([]byte, j.Size)
	for range j.Total() {
		if err := s.send(buf); err != nil {
			return err
		}
	}
	return nil
}

func askAll(j *job.Job, s socket) error {
	buf := make([]byte, j.Size)
	return j.RoundTrips(func() error {
		if err := s.send(buf); err != nil {
			return err
		}
		return takeOne(j, s)
	})
}

func replyAll(j *job.Job, s socket) error {
	for range j.Total() {
		b, err := s.recv()
		if err != nil {
			return err
		}
		if err := s.send(b); err != nil {
			return err
		}
	}
	return nil
}
