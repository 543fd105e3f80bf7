package demo

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/go-zactor/zactor/zmq"
)

// anyPort is where the demo's sockets listen: this host only.
const anyPort = "tcp://127.0.0.1:*"

// sockets are those that one owner opens and closes together. The first error
// sticks, and makes what follows do nothing, so that a set of sockets is opened
// without a check at every line.
type sockets struct {
	ctx   context.Context
	owner string // whose they are, for their names
	list  []*zmq.Socket
	err   error
}

// maker is zmq.NewRouter and its like.
type maker func(context.Context, ...zmq.Option) (*zmq.Socket, error)

// open makes a socket, which is named after its owner and what it is for. What should wait at the end of the demo was waited for
// before, and what a panicking node leaves behind is meant to be lost: nothing
// lingers.
func (s *sockets) open(use string, make maker, opts ...zmq.Option) *zmq.Socket {
	if s.err != nil {
		return nil
	}
	sock, err := make(s.ctx, append(opts, zmq.WithLinger(0), zmq.WithName(strings.TrimSpace(s.owner+" "+use)))...)
	if err != nil {
		s.err = err
		return nil
	}
	s.list = append(s.list, sock)
	return sock
}

// bind returns the real endpoint.
func (s *sockets) bind(sock *zmq.Socket, endpoint string) string {
	if s.err != nil {
		return ""
	}
	bound, err := sock.Bind(endpoint)
	if err != nil {
		s.err = fmt.Errorf("bind %s: %w", sock.Type(), err)
	}
	return bound
}

func (s *sockets) connect(sock *zmq.Socket, endpoint string) {
	if s.err != nil {
		return
	}
	if err := sock.Connect(endpoint); err != nil {
		s.err = fmt.Errorf("connect %s: %w", sock.Type(), err)
	}
}

// close closes all. It may be called again.
func (s *sockets) close() {
	for _, sock := range s.list {
		sock.Close()
	}
}

// watch has fn called on the node's loop with each value of a sequence that waits
// for its values, as those of beacons and monitors do. It needs a goroutine, which
// ends with the sequence; close waits for it. A loop that is so far behind that it
// takes no more posts misses values, as any slow reader of these sequences does.
func watch[T any](n *node, seq iter.Seq[T], fn func(T) error) {
	n.watchers.Go(func() {
		for v := range seq {
			n.loop.Post(func() error { return fn(v) })
		}
	})
}
