package zmq4

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/wire"
)

// A security mechanism of a program's own stands between the core and the network: the
// core speaks ZMTP without security to a sealedConn, which makes the handshake with the
// peer, and encrypts and decrypts each frame as it passes.

// own is the socket's mechanism when that is the program's, nil for others.
func (s *socket) own() mechanism {
	m, ok := s.cfg.security.(mechanism)
	if !ok || m.Type() == NullSecurity || m.Type() == PlainSecurity {
		return nil
	}
	return m
}

// sealedNet is the network of a socket with a mechanism of its own.
type sealedNet struct {
	sec Security
	typ SocketType
	id  SocketIdentity
}

// Listen listens as the system does.
func (n sealedNet) Listen(ctx context.Context, text string) (net.Listener, string, error) {
	network, address, err := place(text)
	if err != nil {
		return nil, "", err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, network, address)
	if err != nil {
		return nil, "", err
	}
	bound := text
	if network == "tcp" {
		bound = "tcp://" + l.Addr().String()
	}
	return sealedListener{l, n}, bound, nil
}

// Dial connects as the system does.
func (n sealedNet) Dial(ctx context.Context, text string) (net.Conn, error) {
	network, address, err := place(text)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return n.seal(nc, false), nil
}

func (n sealedNet) seal(nc net.Conn, server bool) net.Conn {
	return &sealedConn{Conn: nc, net: n, server: server}
}

// place is where an endpoint is, for package net.
func place(text string) (network, address string, err error) {
	scheme, rest, _ := strings.Cut(text, "://")
	switch scheme {
	case endpoint.TCP:
		host, port, err := net.SplitHostPort(rest)
		if err != nil {
			return "", "", err
		}
		if host == endpoint.Wildcard {
			host = ""
		}
		if port == endpoint.Wildcard {
			port = "0"
		}
		return "tcp", net.JoinHostPort(host, port), nil
	case endpoint.IPC:
		return "unix", rest, nil
	}
	return "", "", fmt.Errorf("%w: not over %s", ErrSecurity, scheme)
}

type sealedListener struct {
	net.Listener
	net sealedNet
}

func (l sealedListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.net.seal(nc, true), nil
}

// sealedConn is a connection as the core sees it. The handshake with the peer is made in
// the goroutine that reads or writes first, under the core's own deadline.
type sealedConn struct {
	net.Conn
	net    sealedNet
	server bool

	once  sync.Once
	conn  *Conn
	fails error

	in  []byte // for the core, not read yet; its reader's
	out []byte // of the core, not whole yet; its writer's
	// skipped: the core's greeting has passed, and its READY.
	greeted, ready bool
}

// NetConn is the connection below.
func (c *sealedConn) NetConn() net.Conn { return c.Conn }

// open makes the handshake, and prepares what the core is told of the peer.
func (c *sealedConn) open() error {
	c.once.Do(func() {
		conn, err := Open(c.Conn, c.net.sec, c.net.typ, c.net.id, c.server, nil)
		if err != nil {
			c.fails = err
			return
		}
		meta := wire.AppendProperty(nil, propertyType, []byte(conn.Peer.Meta[propertyType]))
		if id := conn.Peer.Meta[propertyIdentity]; id != "" {
			meta = wire.AppendProperty(meta, propertyIdentity, []byte(id))
		}
		body, err := Cmd{Name: CmdReady, Body: meta}.encode()
		if err != nil {
			c.fails = err
			return
		}
		c.conn = conn
		c.in = appendFrame(greeting(string(NullSecurity), false), wire.FlagCommand, body)
	})
	return c.fails
}

func appendFrame(dst []byte, flags byte, body []byte) []byte {
	return append(wire.AppendHeader(dst, flags, len(body)), body...)
}

// Read gives the core the peer's frames, decrypted.
func (c *sealedConn) Read(p []byte) (n int, err error) {
	defer contain(&err)
	if err := c.open(); err != nil {
		return 0, err
	}
	if len(c.in) == 0 {
		flags, body, err := c.conn.readFrame()
		if err != nil {
			return 0, err
		}
		c.in = appendFrame(c.in[:0], flags, body)
	}
	n = copy(p, c.in)
	c.in = c.in[n:]
	return n, nil
}

// Write takes the core's frames, and sends them encrypted.
func (c *sealedConn) Write(p []byte) (n int, err error) {
	defer contain(&err)
	if err := c.open(); err != nil {
		return 0, err
	}
	c.out = append(c.out, p...)
	if !c.greeted {
		if len(c.out) < greetingSize {
			return len(p), nil
		}
		c.out, c.greeted = c.out[greetingSize:], true
	}
	for {
		flags, head, size, err := wire.ParseHeader(c.out)
		if err != nil {
			return 0, err
		}
		if head == 0 || uint64(len(c.out)-head) < size {
			c.out = append([]byte(nil), c.out...) // let go of what was sent
			return len(p), nil
		}
		body := c.out[head : head+int(size)]
		if c.ready {
			if err := c.conn.writeFrame(flags, body); err != nil {
				return 0, err
			}
		}
		c.ready = true // the first frame is READY, which the handshake has said already
		c.out = c.out[head+int(size):]
	}
}

// contain makes a panic of the program's mechanism an error of this connection.
func contain(err *error) {
	if r := recover(); r != nil {
		*err = errors.Join(ErrSecurity, fmt.Errorf("zmq4: the mechanism panicked: %v", r))
	}
}
