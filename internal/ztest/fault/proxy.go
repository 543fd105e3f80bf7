// Package fault has a proxy that harms what passes it: for tests, by way of ztest, and for
// programs that test, such as soak.
package fault

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// Direction is one of the two that bytes take through a Proxy.
type Direction int

// Up is from the one who dialled to the one who listens, Down is back.
const (
	Up Direction = iota
	Down
)

// Manners are what a Proxy does to the bytes of one direction. They take effect
// at once, on connections there are as well.
type Manners struct {
	Latency time.Duration // each read is passed on so much later
	Slice   int           // at most so many bytes in one write; 0: no limit
	Stall   bool          // nothing is read: back-pressure
	Swallow bool          // everything is read and nothing passed on: a black hole
	Rate    int           // bytes a second; 0: no limit
}

// Proxy stands between two real sockets, tcp or unix, and harms what passes.
type Proxy struct {
	network, target string
	addr            string
	wg              sync.WaitGroup

	mu      sync.Mutex
	changed sync.Cond
	l       net.Listener
	links   map[*relay]struct{}
	manners [2]Manners
	cut     [2]*cut // for the next connection
	flip    [2]int64
	passed  [2]int64 // bytes, over all connections
	served  int      // connections, over all time
	closed  bool
	buffer  int // of the kernel, for either side; 0: as the system has it
}

// cut ends a connection after a number of bytes.
type cut struct {
	after int64
	rst   bool
}

// New makes a proxy for the socket at target, "127.0.0.1:5555" or a path. It listens at
// address, which is a path where the network is "unix", until it is closed.
func New(network, target, address string) (*Proxy, error) {
	p := &Proxy{network: network, target: target, addr: address, links: map[*relay]struct{}{}, flip: [2]int64{-1, -1}}
	p.changed.L = &p.mu
	if err := p.Open(); err != nil {
		return nil, err
	}
	return p, nil
}

// Address is where it listens: "127.0.0.1:49153" or a path.
func (p *Proxy) Address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.addr
}

// Endpoint is where to connect to: "tcp://127.0.0.1:49153" or "ipc:///tmp/x".
func (p *Proxy) Endpoint() string {
	if p.network == "unix" {
		return "ipc://" + p.Address()
	}
	return "tcp://" + p.Address()
}

// Open listens; it undoes Shut. The address stays the same.
func (p *Proxy) Open() error {
	if p.network == "unix" {
		_ = os.Remove(p.addr)
	}
	l, err := net.Listen(p.network, p.addr)
	if err != nil {
		return fmt.Errorf("fault proxy: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.l, p.addr = l, l.Addr().String()
	p.wg.Add(1)
	go p.accept(l)
	return nil
}

// Shut stops listening: who dials is refused. Connections stay.
func (p *Proxy) Shut() {
	p.mu.Lock()
	l := p.l
	p.l = nil
	p.mu.Unlock()
	if l != nil {
		l.Close()
	}
}

func (p *Proxy) accept(l net.Listener) {
	defer p.wg.Done()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		p.wg.Add(1)
		go p.serve(c)
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer p.wg.Done()
	server, err := net.DialTimeout(p.network, p.target, 5*time.Second)
	if err != nil {
		abort(client)
		return
	}
	p.narrow(client, server)
	r := &relay{proxy: p, ends: [2]net.Conn{client, server}}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		r.end(false)
		return
	}
	r.cut, r.flip = p.cut, p.flip
	p.cut, p.flip = [2]*cut{}, [2]int64{-1, -1}
	p.links[r] = struct{}{}
	p.served++
	p.mu.Unlock()
	r.run()
	p.mu.Lock()
	delete(p.links, r)
	p.changed.Broadcast()
	p.mu.Unlock()
}

// Set sets the manners of one direction.
func (p *Proxy) Set(d Direction, m Manners) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.manners[d] = m
	p.changed.Broadcast()
}

// Narrow makes the kernel's buffers of later connections small, as far as the system
// does: a slow link keeps but little of what it is given.
func (p *Proxy) Narrow(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buffer = bytes
}

func (p *Proxy) narrow(conns ...net.Conn) {
	p.mu.Lock()
	n := p.buffer
	p.mu.Unlock()
	for _, c := range conns {
		if b, ok := c.(interface {
			SetReadBuffer(int) error
			SetWriteBuffer(int) error
		}); ok && n > 0 {
			_ = b.SetReadBuffer(n)
			_ = b.SetWriteBuffer(n)
		}
	}
}

// CutNext ends the next connection once n bytes have passed in one direction: by
// RST, which destroys what is under way, or in an orderly manner.
func (p *Proxy) CutNext(d Direction, n int64, rst bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut[d] = &cut{n, rst}
}

// FlipNext inverts one bit of the byte at offset n of one direction of the next
// connection.
func (p *Proxy) FlipNext(d Direction, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flip[d] = n
}

// Passed is how many bytes have gone one way.
func (p *Proxy) Passed(d Direction) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed[d]
}

// Links is the number of connections that pass through.
func (p *Proxy) Links() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Served is the number of connections that there have been.
func (p *Proxy) Served() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.served
}

// Break ends all connections, by RST or in an orderly manner.
func (p *Proxy) Break(rst bool) {
	p.mu.Lock()
	all := make([]*relay, 0, len(p.links))
	for r := range p.links {
		all = append(all, r)
	}
	p.mu.Unlock()
	for _, r := range all {
		r.end(rst)
	}
}

// Close ends everything and waits for it.
func (p *Proxy) Close() {
	p.Shut()
	p.mu.Lock()
	p.closed = true
	p.changed.Broadcast()
	p.mu.Unlock()
	p.Break(false)
	p.wg.Wait()
}

// abort closes a connection by RST.
func abort(c net.Conn) {
	if tc, ok := c.(*net.TCPConn); ok {
		_ = tc.SetLinger(0)
	}
	c.Close()
}
