package wshttp_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmq/wshttp"
)

// one is a listener of one connection.
type one struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *one) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *one) Close() error   { return nil }
func (l *one) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// FuzzHandler has an HTTP server read whatever a client sends, and hand it to the socket if
// it is a request for a WebSocket. Nothing panics, and each connection ends with an answer
// of HTTP or none.
func FuzzHandler(f *testing.F) {
	request := "GET /live HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ZWS2.0\r\n\r\n"
	f.Add([]byte(request + "\x82\x83\x00\x00\x00\x00\x00\x01a"))
	f.Add([]byte("POST /live HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello"))
	f.Add([]byte("GET /live HTTP/1.0\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	f.Add([]byte("GET /live HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nSec-WebSocket-Key: \x01\r\nOrigin: http://b\r\n\r\n"))
	pub, err := zmq.NewPub(context.Background(), zmq.WithLinger(0), zmq.WithHandshakeInterval(time.Minute))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { pub.Close() })
	h, err := wshttp.New(pub)
	if err != nil {
		f.Fatal(err)
	}
	l := &one{make(chan net.Conn), make(chan struct{})}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(l) }()
	f.Cleanup(func() { close(l.done); server.Close() })
	outer, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { outer.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 32<<10 {
			return
		}
		client, err := net.Dial("tcp", outer.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		c, err := outer.Accept()
		if err != nil {
			t.Fatal(err)
		}
		l.conns <- c
		_ = client.SetDeadline(time.Now().Add(time.Minute))
		_, _ = client.Write(data)
		_ = client.(*net.TCPConn).CloseWrite()
		answer, err := io.ReadAll(client)
		if n, ok := err.(net.Error); ok && n.Timeout() {
			t.Fatalf("%q: the connection does not end", data)
		}
		if want := []byte("HTTP/1."); !bytes.HasPrefix(answer, want[:min(len(answer), len(want))]) {
			t.Fatalf("%q is answered %q", data, answer)
		}
		if n := pub.Stats().Panics; n != 0 {
			t.Fatalf("%d panics", n)
		}
	})
}
