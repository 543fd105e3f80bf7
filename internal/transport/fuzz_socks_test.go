package transport

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// FuzzSocks has a proxy answer as it likes, and hang up or go on after that. A connection is
// made only when the proxy has said, in SOCKS 5, that it is; nothing of what follows is lost.
func FuzzSocks(f *testing.F) {
	ok := "\x05\x00" + "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"
	f.Add([]byte(ok+"hello"), false)
	f.Add([]byte("\x05\x02\x01\x00"+ok[2:]), true)
	f.Add([]byte("\x05\x00\x05\x00\x00\x03\xff"), false)
	f.Add([]byte("\x05\x00\x05\x05\x00\x01"), false)
	f.Add([]byte("\x05\xff"), true)
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), false)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	ep, err := endpoint.Parse("tcp://example.invalid:80")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte, login bool) {
		if len(answer) > 4096 {
			return
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write(answer)
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		o := Options{SocksProxy: l.Addr().String()}
		if login {
			o.SocksUser, o.SocksPassword = "user", "secret"
		}
		c, err := dialSocks(ctx, ep, o)
		if err != nil {
			<-done
			return
		}
		rest, err := io.ReadAll(c)
		c.Close()
		// The shortest answer names an address of no bytes: 2, 5 and 2 for the port.
		<-done
		if err != nil || len(answer) < 9 || answer[0] != 5 || string(rest) != string(answer[len(answer)-len(rest):]) {
			t.Fatalf("%q made a connection, which says %q, %v", answer, rest, err)
		}
		// x/net goes on with a method that was not offered, as if it were none; 0xFF is a refusal.
		if answer[1] == 0xFF {
			t.Fatalf("%q made a connection", answer)
		}
	})
}
