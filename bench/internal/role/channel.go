package role

import (
	"sync"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// The floor of inproc: a channel that holds as many messages as a socket's
// queue does. What is sent is what a message of one frame is.

const chanCap = 1000

// overChannel sends messages from one goroutine to another. Each comes from next
// and ends in done.
func overChannel(j *job.Job, next func() [][]byte, done func([][]byte)) error {
	c := make(chan [][]byte, chanCap)
	go func() {
		for range j.Total() {
			c <- next()
		}
	}()
	return j.OneWay(func() error {
		done(<-c)
		return nil
	})
}

// chanHandOver passes the same message again and again: the bare hand-over.
func chanHandOver(j *job.Job) error {
	m := [][]byte{make([]byte, j.Size)}
	return overChannel(j, func() [][]byte { return m }, func([][]byte) {})
}

// chanAllocate makes each message, and leaves it to the collector.
func chanAllocate(j *job.Job) error {
	return overChannel(j, func() [][]byte { return [][]byte{make([]byte, j.Size)} }, func([][]byte) {})
}

// chanPool takes each message from a pool, to which the receiver returns it.
func chanPool(j *job.Job) error {
	pool := sync.Pool{New: func() any { return &[][]byte{make([]byte, j.Size)} }}
	return overChannel(j,
		func() [][]byte { return *pool.Get().(*[][]byte) },
		func(m [][]byte) { pool.Put(&m) })
}

// chanAsk is a round trip over two unbuffered channels.
func chanAsk(j *job.Job) error {
	ask, reply := make(chan []byte), make(chan []byte)
	go func() {
		defer close(reply)
		for m := range ask {
			reply <- m
		}
	}()
	m := make([]byte, j.Size)
	err := j.RoundTrips(func() error {
		ask <- m
		<-reply
		return nil
	})
	close(ask)
	<-reply
	return err
}
