package zmq_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

// sim is the world of a simulation: the core on a network in memory, in a bubble where time
// passes only when everybody waits.
type sim struct {
	*testing.T
	net  *zmqtest.Network
	ctx  *zmq.Context
	rng  uint64
	tidy []func()
	wg   sync.WaitGroup // of goroutines that end with their connection
}

const simEndpoint = "tcp://10.0.0.1:5555"

// simulate runs fn in a bubble. Everything must be over when it returns: a goroutine
// that is left blocks the bubble, which fails the test.
func simulate(t *testing.T, seed uint64, f zmqtest.Faults, fn func(s *sim)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &sim{T: t, net: zmqtest.NewNetwork(seed, f), rng: seed}
		s.ctx = zmq.NewContext(context.Background(), zmq.WithNetwork(s.net))
		defer s.end()
		fn(s)
	})
}

// end closes everything, also after a test has failed.
func (s *sim) end() {
	s.net.Heal()
	for i := range s.tidy {
		s.tidy[len(s.tidy)-1-i]()
	}
	s.wg.Wait()
	if err := unlessUnsent(s.ctx.Close()); err != nil {
		s.Error(err)
	}
}

// open makes a socket that does not linger, unless the options say so.
func (s *sim) open(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	s.Helper()
	opts = append([]zmq.Option{zmq.WithLinger(0), zmq.WithLogger(panicWatch(s.T))}, opts...)
	k, err := zmq.New(s.ctx, typ, opts...)
	if err != nil {
		s.Fatal(err)
	}
	return k
}

func (s *sim) bound(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	s.Helper()
	k := s.open(typ, opts...)
	if _, err := k.Bind(simEndpoint); err != nil {
		s.Fatal(err)
	}
	return k
}

func (s *sim) connected(typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	s.Helper()
	k := s.open(typ, opts...)
	if err := k.Connect(simEndpoint); err != nil {
		s.Fatal(err)
	}
	return k
}

// linked waits until sockets have their peer.
func (s *sim) linked(sockets ...*zmq.Socket) {
	s.Helper()
	for _, k := range sockets {
		if err := k.WaitConnected(s.ctx, 1); err != nil {
			s.Fatal(err)
		}
	}
}

// ended waits for the event with which a connection ends, and says how long that
// took and why.
func (s *sim) ended(k *zmq.Socket) func() (time.Duration, error) {
	type end struct {
		after time.Duration
		err   error
	}
	c := make(chan end, 1)
	start := time.Now()
	events := k.Events(s.ctx, zmq.EventDisconnected)
	go func() {
		for e := range events {
			c <- end{time.Since(start), e.Err}
			return
		}
		close(c)
	}()
	return func() (time.Duration, error) {
		e := <-c
		return e.after, e.err
	}
}

// raw is the bare end of a connection: a peer made of bytes.
func (s *sim) raw(socketType string) net.Conn {
	s.Helper()
	c, err := s.net.Dial(s.ctx, simEndpoint)
	if err != nil {
		s.Fatal(err)
	}
	s.tidy = append(s.tidy, func() { c.Close() })
	if _, err := c.Write(speakerHello(socketType)); err != nil {
		s.Fatal(err)
	}
	synctest.Wait()
	return c
}

// heard is all that has arrived at c by now.
func (s *sim) heard(c net.Conn) []byte {
	s.Helper()
	synctest.Wait()
	_ = c.SetReadDeadline(time.Now().Add(time.Nanosecond))
	b, _ := io.ReadAll(c)
	_ = c.SetReadDeadline(time.Time{})
	return b
}

// big is a message of about a thousand bytes that tells its number.
func big(i int) msg.Msg {
	return msg.New(fmt.Appendf(nil, "%d", i), bytes.Repeat([]byte{byte(i)}, 1000))
}
