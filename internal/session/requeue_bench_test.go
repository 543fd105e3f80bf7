package session

import (
	"fmt"
	"io"
	"math"
	"net"
	"testing"

	"github.com/go-zactor/zactor/internal/queue"
)

// BenchmarkRequeue is what it costs to keep what the peer may not have: a batch of 100
// messages is queued, written and kept, where the system says what has arrived and where it
// does not. "off" is the same without WithRequeue.
func BenchmarkRequeue(b *testing.B) {
	for _, kind := range []string{"off", "not told", "told"} {
		for _, size := range []int{64, 4096} {
			b.Run(fmt.Sprintf("%s/%d", kind, size), func(b *testing.B) { benchRequeue(b, kind, size) })
		}
	}
}

func benchRequeue(b *testing.B, kind string, size int) {
	const batch = 100
	nc := net.Conn(&mute{left: math.MaxInt})
	if kind == "told" {
		nc = read(b)
	}
	c, _ := requeueing(nc)
	if kind == "off" {
		c.unacked = nil
	}
	c.pipe = queue.New(c.handler.(*giver), queue.Limits{})
	c.pipe.Out.Attach(func() {}, false)
	frames := [][]byte{make([]byte, size)}
	b.ReportAllocs()
	b.SetBytes(int64(batch * size))
	for b.Loop() {
		for range batch {
			c.pipe.Put(nil, frames, true)
		}
		c.run()
	}
}

// read is a connection whose peer reads all the time.
func read(b *testing.B) net.Conn {
	ours, peers := localPair(b)
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(struct{ io.Writer }{io.Discard}, peers) }()
	b.Cleanup(func() { ours.Close(); <-done })
	return ours
}
