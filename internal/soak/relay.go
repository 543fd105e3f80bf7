package main

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// relay is a way to an endpoint that can be cut: a listener of its own, and a connection
// to the endpoint for each that comes.
type relay struct {
	l       net.Listener
	network string
	target  string
	cuts    atomic.Uint64

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
	wg     sync.WaitGroup
}

// newRelay listens beside a bound endpoint, and says by what endpoint it is reached.
func newRelay(bound, dir string) (*relay, string, error) {
	scheme, address, _ := strings.Cut(bound, "://")
	r := &relay{network: "tcp", target: strings.TrimSuffix(address, "/"), conns: map[net.Conn]struct{}{}}
	at := "127.0.0.1:0"
	if scheme == "ipc" {
		r.network, at = "unix", dir
	}
	l, err := net.Listen(r.network, at)
	if err != nil {
		return nil, "", err
	}
	r.l = l
	r.wg.Go(r.accept)
	return r, scheme + "://" + l.Addr().String(), nil
}

func (r *relay) accept() {
	for {
		near, err := r.l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial(r.network, r.target)
		if err != nil {
			near.Close() // the endpoint is being started again
			continue
		}
		if !r.keep(near, far) {
			return
		}
		r.wg.Go(func() { r.pass(near, far) })
		r.wg.Go(func() { r.pass(far, near) })
	}
}

func (r *relay) keep(near, far net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		near.Close()
		far.Close()
		return false
	}
	r.conns[near], r.conns[far] = struct{}{}, struct{}{}
	return true
}

// pass copies one direction, and its end.
func (r *relay) pass(dst, src net.Conn) {
	_, err := io.Copy(dst, src)
	if half, ok := dst.(interface{ CloseWrite() error }); ok && err == nil {
		if half.CloseWrite() == nil {
			return
		}
	}
	r.drop(src)
	r.drop(dst)
}

func (r *relay) drop(c net.Conn) {
	r.mu.Lock()
	delete(r.conns, c)
	r.mu.Unlock()
	c.Close()
}

// cut ends all connections, in order or by a reset.
func (r *relay) cut() {
	r.cuts.Add(1)
	reset := rand.IntN(2) == 0
	for _, c := range r.all() {
		if t, ok := c.(*net.TCPConn); ok && reset {
			_ = t.SetLinger(0)
		}
		r.drop(c)
	}
}

func (r *relay) all() (list []net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		list = append(list, c)
	}
	return list
}

func (r *relay) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.l.Close()
	for _, c := range r.all() {
		r.drop(c)
	}
	r.wg.Wait()
}
