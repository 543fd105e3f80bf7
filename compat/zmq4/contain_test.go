package zmq4_test

import (
	"errors"
	"net"
	"testing"

	"github.com/go-zactor/zactor/compat/zmq4"
)

// foreign is a socket that is not ours, of which no method may be called: all panic.
type foreign struct{ zmq4.Socket }

// Of a socket of the program's making nothing runs here.
func TestForeignSocketIsNotCalled(t *testing.T) {
	if _, err := zmq4.Core(foreign{}); !errors.Is(err, zmq4.ErrForeign) {
		t.Errorf("Core says %v", err)
	}
	own := zmq4.NewPull(t.Context())
	defer own.Close()
	for _, sockets := range [][3]zmq4.Socket{{foreign{}, own}, {own, foreign{}}, {own, own, foreign{}}} {
		p := zmq4.NewProxy(t.Context(), sockets[0], sockets[1], sockets[2])
		if err := p.Run(); !errors.Is(err, zmq4.ErrForeign) {
			t.Errorf("a proxy says %v", err)
		}
		p.Pause()
		p.Resume()
		p.Kill()
	}
}

// badConn is a connection that panics once it is bad.
type badConn struct {
	net.Conn
	bad *bool
}

func (c badConn) Read(p []byte) (int, error) {
	if *c.bad {
		panic("read")
	}
	return c.Conn.Read(p)
}

func (c badConn) Write(p []byte) (int, error) {
	if *c.bad {
		panic("write")
	}
	return c.Conn.Write(p)
}

func panicOf(fn func()) (v any) {
	defer func() { v = recover() }()
	fn()
	return nil
}

// What a Conn is made of fails Open with an error when it panics; afterwards a panic
// reaches the caller, and the connection is closed for good.
func TestConnIsContained(t *testing.T) {
	sec := xor{token: "t", key: 9}
	for name, use := range map[string]func(*zmq4.Conn) error{
		"read":  func(c *zmq4.Conn) error { _, err := c.RecvMsg(); return err },
		"write": func(c *zmq4.Conn) error { return c.SendMsg(zmq4.NewMsgString("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := joined(t)
			done := make(chan error, 1)
			go func() {
				_, err := zmq4.Open(a, sec, zmq4.Rep, nil, true, nil)
				done <- err
			}()
			bad := false
			c, err := zmq4.Open(badConn{b, &bad}, sec, zmq4.Req, nil, false, nil)
			if err := errors.Join(err, <-done); err != nil {
				t.Fatal(err)
			}
			bad = true
			if v := panicOf(func() { _ = use(c) }); v != name {
				t.Errorf("the caller gets %v", v)
			}
			if err := use(c); !c.Closed() || !errors.Is(err, zmq4.ErrClosedConn) {
				t.Errorf("afterwards: closed %v, %v", c.Closed(), err)
			}
		})
	}
	a, _ := joined(t)
	bad := true
	if _, err := zmq4.Open(badConn{a, &bad}, sec, zmq4.Req, nil, false, nil); !errors.Is(err, zmq4.ErrSecurity) {
		t.Errorf("Open says %v", err)
	}
}

// So does what is to be told of the loss; it is told once.
func TestLossIsContained(t *testing.T) {
	sec := xor{token: "t", key: 9}
	a, b := joined(t)
	done := make(chan error, 1)
	go func() {
		_, err := zmq4.Open(a, sec, zmq4.Rep, nil, true, nil)
		done <- err
	}()
	calls := 0
	c, err := zmq4.Open(b, sec, zmq4.Req, nil, false, func(*zmq4.Conn) { calls++; panic("lost") })
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	a.Close()
	if v := panicOf(func() { _, _ = c.RecvMsg() }); v != "lost" {
		t.Errorf("the caller gets %v", v)
	}
	if _, err := c.RecvMsg(); !errors.Is(err, zmq4.ErrClosedConn) || calls != 1 {
		t.Errorf("afterwards: %v, told %d times", err, calls)
	}
	c.SetClosed()
	d, e := joined(t)
	d.Close()
	if _, err := zmq4.Open(e, sec, zmq4.Req, nil, false, func(*zmq4.Conn) { panic("lost") }); err == nil {
		t.Error("Open has succeeded")
	}
}
