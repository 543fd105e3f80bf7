package session

import (
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// counting is a socket that counts topics, and lets another goroutine know of the first.
type counting struct {
	socket
	topics atomic.Int32
	first  chan struct{}
}

func (c *counting) Subscribed(*queue.Pipe, []byte, bool) error {
	if c.topics.Add(1) == 1 {
		c.first <- struct{}{}
	}
	return nil
}

// A reader that has thousands of commands to obey lets others run in between, who are next on
// its processor.
func TestCommandsTakeTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	host := &counting{first: make(chan struct{})}
	seen, done := make(chan int), make(chan struct{})
	go func() {
		<-host.first
		seen <- int(host.topics.Load()) // on one processor, the reader stands still meanwhile
	}()
	runtime.Gosched()
	data := []byte(strings.Repeat(string(wire.AppendSubscribe(nil, wire.V31, []byte("topic"))), 10*heedTurn))
	go func() {
		defer close(done)
		if _, err := runReader(Config{Inspect: true}, host, wire.V31, &stream{data: data, sizes: func() int { return len(data) }}); err != io.EOF {
			t.Error(err)
		}
	}()
	if n := <-seen; n == 0 || n > 2*heedTurn {
		t.Errorf("another one ran after %d commands, want %d at most", n, 2*heedTurn)
	}
	<-done
}

// hearing is a socket that lets another goroutine know of the first message.
type hearing struct {
	socket
	first chan *queue.Pipe
}

func (h *hearing) Readable(p *queue.Pipe) {
	select {
	case h.first <- p:
	default:
	}
}

// So does one that has messages of many frames to parse.
func TestFramesTakeTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const messages = 40
	one := append([]byte(strings.Repeat("\x01\x01x", 1000)), 0, 1, 'x')
	data := []byte(strings.Repeat(string(one), messages))
	host := &hearing{first: make(chan *queue.Pipe, 1)}
	seen, done := make(chan int), make(chan struct{})
	go func() {
		p := <-host.first
		seen <- p.In.Len()
	}()
	runtime.Gosched()
	go func() {
		defer close(done)
		if _, err := runReader(Config{}, host, wire.V31, &stream{data: data, sizes: func() int { return len(data) }}); err != io.EOF {
			t.Error(err)
		}
	}()
	if n := <-seen; n == 0 || n > messages/2 {
		t.Errorf("another one ran after %d messages of %d", n, messages)
	}
	<-done
}
