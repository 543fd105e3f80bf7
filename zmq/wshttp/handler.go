package wshttp

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// Handler serves a socket's WebSocket connections. It is an http.Handler.
type Handler struct {
	socket   *zmq.Socket
	listener *listener
	endpoint string
}

// New binds s to a handler. Options hold for what comes through it only. The handler
// ends with the socket, or with Close.
//
// Errors: those of Socket.Bind.
func New(s *zmq.Socket, opts ...zmq.Option) (*Handler, error) {
	l := newListener()
	endpoint, err := s.Bind("ws://*:*", append(slices.Clip(opts), zmq.WithListener(l))...)
	if err != nil {
		return nil, err
	}
	return &Handler{socket: s, listener: l, endpoint: endpoint}, nil
}

// Endpoint is what events and Peers call the handler.
func (h *Handler) Endpoint() string { return h.endpoint }

// Close ends the handler and the connections that came through it; it waits as
// Socket.Unbind does, and returns its errors.
func (h *Handler) Close() error { return h.socket.Unbind(h.endpoint) }

// ServeHTTP hands the request's connection over to the socket, which answers it. It
// returns at once. A request that can't become a WebSocket is answered with status 426,
// 505 when it is not of HTTP/1.1, and 503 after Close.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.ProtoMajor != 1:
		http.Error(w, "WebSocket needs HTTP/1.1", http.StatusHTTPVersionNotSupported)
		return
	case r.Header.Get("Upgrade") == "":
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "this is an endpoint for WebSocket", http.StatusUpgradeRequired)
		return
	case h.listener.isClosed():
		http.Error(w, "the socket is closed", http.StatusServiceUnavailable)
		return
	}
	nc, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "the connection can't be taken over: "+err.Error(), http.StatusInternalServerError)
		return
	}
	_ = nc.SetDeadline(time.Time{}) // the server's own; the socket sets its
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	h.listener.take(&conn{Conn: nc, first: io.MultiReader(request(r), bytes.NewReader(early))})
}

// repeated are the header fields that matter to the socket. Others, cookies above all,
// may be longer than it would read.
var repeated = []string{"Upgrade", "Connection", "Origin", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Protocol"}

// request is what the client has said, for the socket to hear.
func request(r *http.Request) io.Reader {
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "%s / HTTP/1.1\r\nHost: %s\r\n", r.Method, r.Host)
	for _, name := range repeated {
		for _, value := range r.Header.Values(name) {
			fmt.Fprintf(b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	return b
}

// conn is a connection whose first bytes have been read already.
type conn struct {
	net.Conn
	first io.Reader // nil once it is at its end
}

func (c *conn) Read(p []byte) (int, error) {
	if c.first != nil {
		if n, err := c.first.Read(p); n > 0 || err == nil {
			return n, err
		}
		c.first = nil
	}
	return c.Conn.Read(p)
}

// Holds reports that there are bytes that the network has given already, so that nobody
// waits for it to give them.
func (c *conn) Holds() bool { return c.first != nil }

// NetConn is the connection that carries this one.
func (c *conn) NetConn() net.Conn { return c.Conn }

// listener gives a socket the connections of a handler.
type listener struct {
	name   address
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// address is a listener's place, unlike that of all others.
type address string

func (address) Network() string  { return "http" }
func (a address) String() string { return string(a) }

var listeners atomic.Uint32

func newListener() *listener {
	name := address(fmt.Sprintf("handler-%d:80", listeners.Add(1)))
	return &listener{name: name, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// take waits for the socket to accept nc, which it does at once, or to close.
func (l *listener) take(nc net.Conn) {
	select {
	case l.conns <- nc:
	case <-l.closed:
		_ = nc.Close()
	}
}

func (l *listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Accept waits for a connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, fmt.Errorf("wshttp: accept: %w", net.ErrClosed)
	}
}

// Close ends Accept.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the listener's place.
func (l *listener) Addr() net.Addr { return l.name }
