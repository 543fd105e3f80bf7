package transport

import (
	"net"
	"testing"
)

// The send buffer of a connection is what it was set to, at least; what has no descriptor has
// none that is known.
func TestSendBuffer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const size = 48 << 10
	if err := c.(*net.TCPConn).SetWriteBuffer(size); err != nil {
		t.Fatal(err)
	}
	if n := SendBuffer(c); n < size {
		t.Errorf("the send buffer is %d bytes, want %d or more", n, size)
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if n := SendBuffer(a); n != 0 {
		t.Errorf("the send buffer of a pipe is %d bytes", n)
	}
}
