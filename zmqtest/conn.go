package zmqtest

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// link is a connection with its two ends.
type link struct {
	net       *Network
	from, to  string // the hosts
	near, far *Conn
	mortal    bool         // it breaks
	lasts     atomic.Int64 // after so many bytes
	mu        sync.Mutex
	closed    int // ends that are closed
}

// wear breaks the connection when the bytes that it lasts are spent.
func (k *link) wear(n int) {
	if k.mortal && n > 0 && k.lasts.Add(int64(-n)) <= 0 {
		k.reset()
	}
}

// reset breaks the connection for both ends.
func (k *link) reset() {
	k.near.in.breakOff()
	k.near.out.breakOff()
	k.net.forget(k)
}

// Conn is one end of a connection of a Network.
type Conn struct {
	link          *link
	in, out       *stream
	local, remote addr
	readBy        deadline
	writeBy       deadline
	once          sync.Once
}

var _ net.Conn = (*Conn)(nil)

// Read returns what has arrived.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p, c.readBy.passed())
	return n, c.opError("read", err)
}

// Write queues p; it waits while the buffer is full.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, c.writeBy.passed())
	c.link.wear(n)
	return n, c.opError("write", err)
}

// opError wraps an error as package net does; io.EOF stays bare.
func (c *Conn) opError(op string, err error) error {
	switch err {
	case errReset:
		err = os.NewSyscallError(op, syscall.ECONNRESET)
	case errPipe:
		err = os.NewSyscallError(op, syscall.EPIPE)
	case errGone:
		err = net.ErrClosed
	case errLate:
		err = os.ErrDeadlineExceeded
	default:
		return err
	}
	return &net.OpError{Op: op, Net: "memory", Source: c.local, Addr: c.remote, Err: err}
}

// CloseWrite ends the own direction: the peer reads EOF after what was written.
func (c *Conn) CloseWrite() error {
	c.out.endWrite()
	return nil
}

// Close closes this end. What was written still arrives; the peer's writes fail.
func (c *Conn) Close() error {
	c.once.Do(func() {
		c.out.endWrite()
		c.out.leave()
		c.in.endRead()
		c.readBy.stop()
		c.writeBy.stop()
		k := c.link
		k.mu.Lock()
		k.closed++
		gone := k.closed == 2
		k.mu.Unlock()
		if gone {
			k.net.forget(k)
		}
	})
	return nil
}

// Reset breaks the connection as a kernel does with RST.
func (c *Conn) Reset() { c.link.reset() }

// LocalAddr is the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.readBy.set(t)
	c.writeBy.set(t)
	return nil
}

// SetReadDeadline ends reads at a time; the zero time lifts it.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.readBy.set(t)
	return nil
}

// SetWriteDeadline ends writes at a time; the zero time lifts it.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeBy.set(t)
	return nil
}

// deadline is a channel that closes at a time that may be moved.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	c     chan struct{}
}

func (d *deadline) passed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.c == nil {
		d.c = make(chan struct{})
	}
	return d.c
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.c == nil || isClosed(d.c) {
		d.c = make(chan struct{})
	}
	switch wait := time.Until(t); {
	case t.IsZero():
	case wait <= 0:
		close(d.c)
	default:
		c := d.c
		d.timer = time.AfterFunc(wait, func() { d.expire(c) })
	}
}

// expire closes c unless the deadline has moved meanwhile.
func (d *deadline) expire(c chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.c == c && d.timer != nil {
		close(c)
		d.timer = nil
	}
}

func (d *deadline) stop() { d.set(time.Time{}) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
