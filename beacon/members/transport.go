package members

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/go-zactor/zactor/internal/contain"
)

// transport is memberlist's own, but that Shutdown ends what memberlist would wait
// for: dials under way, and connections that are open.
type transport struct {
	*memberlist.NetTransport
	ctx     context.Context
	end     context.CancelFunc
	streams chan net.Conn
	running sync.WaitGroup

	mu     sync.Mutex
	conns  map[*stream]struct{} // guarded by mu
	closed bool                 // guarded by mu
}

func newTransport(inner *memberlist.NetTransport, tasks *contain.Guard) *transport {
	t := &transport{NetTransport: inner, streams: make(chan net.Conn), conns: map[*stream]struct{}{}}
	t.ctx, t.end = context.WithCancel(context.Background())
	tasks.Go(&t.running, "members: accept", func() { t.accept(tasks) }, t.drain)
	return t
}

// accept hands connections on.
func (t *transport) accept(tasks *contain.Guard) {
	for {
		select {
		case c := <-t.NetTransport.StreamCh():
			if !tasks.Step("members: connection", func() { t.hand(c) }) {
				c.Close()
			}
		case <-t.ctx.Done():
			return
		}
	}
}

func (t *transport) hand(c net.Conn) {
	select {
	case t.streams <- t.track(c):
	case <-t.ctx.Done():
		c.Close()
	}
}

// drain stands in for accept when that is lost: who connects is turned away, and news go
// by UDP alone.
func (t *transport) drain() {
	for {
		select {
		case c := <-t.NetTransport.StreamCh():
			c.Close()
		case <-t.ctx.Done():
			return
		}
	}
}

// StreamCh implements memberlist.Transport.
func (t *transport) StreamCh() <-chan net.Conn { return t.streams }

// DialTimeout implements memberlist.Transport.
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout}
	c, err := d.DialContext(t.ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return t.track(c), nil
}

// DialAddressTimeout implements memberlist.NodeAwareTransport.
func (t *transport) DialAddressTimeout(a memberlist.Address, timeout time.Duration) (net.Conn, error) {
	return t.DialTimeout(a.Addr, timeout)
}

// Shutdown implements memberlist.Transport. The inner one needs its streams to be
// taken until it is down.
func (t *transport) Shutdown() error {
	err := t.NetTransport.Shutdown()
	t.end()
	t.running.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for s := range t.conns {
		s.Conn.Close()
	}
	return err
}

// stream is a connection that Shutdown closes if it is still open.
type stream struct {
	net.Conn
	t *transport
}

func (t *transport) track(c net.Conn) net.Conn {
	s := &stream{c, t}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		c.Close()
	}
	t.conns[s] = struct{}{}
	return s
}

func (s *stream) Close() error {
	s.t.mu.Lock()
	delete(s.t.conns, s)
	s.t.mu.Unlock()
	return s.Conn.Close()
}
