package ws

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/wire"
)

func asBroken(err error, b **brokenError) bool { return errors.As(err, b) }
func isEOF(err error) bool                     { return errors.Is(err, io.EOF) }

// model translates without pieces, without room to save, and without a second thought.
func model(p []byte, masked bool) (zmtp []byte, err error) {
	for {
		if len(p) < 2 || len(p) < headerSize(p) {
			return zmtp, nil
		}
		n := headerSize(p)
		data := p[0]&opMask < opClose && p[1]&^maskBit != 0
		if data && len(p) == n {
			return zmtp, nil
		}
		h, err := parseHeader(p[:n], masked)
		if err != nil {
			return zmtp, err
		}
		p = p[n:]
		body := bytes.Clone(p[:min(h.size, uint64(len(p)))])
		for i := range body {
			body[i] ^= h.key[i%4]
		}
		whole := uint64(len(p)) >= h.size
		p = p[len(body):]
		switch {
		case h.control():
			if whole && h.op == opClose {
				return zmtp, io.EOF
			}
		default:
			flags, err := flagsOf(body[0])
			if err != nil {
				return zmtp, err
			}
			zmtp = append(wire.AppendHeader(zmtp, flags, int(h.size-1)), body[1:]...)
		}
		if !whole {
			return zmtp, nil
		}
	}
}

// Whatever comes, in whatever pieces, the translation is that of the model.
func FuzzInbound(f *testing.F) {
	for _, g := range golden {
		for _, client := range []bool{false, true} {
			var b bytes.Buffer
			o := outbound{client: client, pong: lastPing}
			_, _ = o.write(&b, g.zmtp)
			f.Add(b.Bytes(), client, uint16(5))
			f.Add(b.Bytes(), client, uint16(1000))
		}
	}
	for _, h := range hostile {
		f.Add(unhex(f, h.ws), h.masked, uint16(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, masked bool, piece uint16) {
		want, wantErr := model(data, masked)
		in := inbound{masked: masked, beats: silent{}, quiet: 1 << 30} // the model knows no pings
		var pieces [][]byte
		for p := data; len(p) > 0; {
			n := min(len(p), int(piece)+1)
			pieces = append(pieces, p[:n])
			p = p[n:]
		}
		got, err := read(&in, pieces...)
		if !bytes.Equal(got, want) || (err == nil) != (wantErr == nil) {
			t.Fatalf("% x gives % x, %v; the model: % x, %v", data, got, err, want, wantErr)
		}
	})
}

// A head of HTTP never panics, and a good one is found whole.
func FuzzHead(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Protocol: ZWS2.0\r\n\r\nrest"))
	f.Add([]byte("GET "))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\n x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, rest, err := readHead(bytes.NewReader(data), "GET ")
		if err != nil {
			return
		}
		// What was read beyond the head is the beginning of what follows it.
		_, follows, found := bytes.Cut(data, []byte("\r\n\r\n"))
		if !found || !bytes.HasPrefix(follows, rest) {
			t.Fatalf("the rest of %q is %q", data, rest)
		}
		_, _ = Settings{Mechanism: "NULL"}.choose(h, len(data)%2 == 0)
	})
}

// FuzzConn plays a whole connection: a request or an answer, and frames behind it, in any
// pieces. What is read, and how it ends, is the same however they come, and what is
// answered begins as HTTP.
func FuzzConn(f *testing.F) {
	request := "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ZWS2.0\r\n\r\n"
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
	for _, h := range hostile {
		f.Add(append([]byte(request), unhex(f, h.ws)...), false, uint16(9))
		f.Add(append([]byte(answer), unhex(f, h.ws)...), true, uint16(3))
	}
	f.Add([]byte(request+"\x82\x82\x00\x00\x00\x00\x00a\x89\x80\x00\x00\x00\x00\x88\x80\x00\x00\x00\x00"), false, uint16(100))
	f.Fuzz(func(t *testing.T, data []byte, client bool, piece uint16) {
		if len(data) > 64<<10 {
			return
		}
		whole, said, wholeErr := converse(data, client, len(data)+1)
		sliced, saidToo, slicedErr := converse(data, client, int(piece)+1)
		if !bytes.Equal(whole, sliced) || (wholeErr == nil) != (slicedErr == nil) {
			t.Fatalf("in one piece % x, %v; in pieces % x, %v", whole, wholeErr, sliced, slicedErr)
		}
		for _, b := range [][]byte{said, saidToo} {
			if want := []byte("HTTP/1.1 "); !client && !bytes.HasPrefix(b, want[:min(len(b), len(want))]) {
				t.Fatalf("the answer is %q", b)
			}
		}
	})
}

// scripted is a connection whose other side says data in pieces and listens to all.
type scripted struct {
	net.Conn
	data  []byte
	piece int
	said  bytes.Buffer
}

func (s *scripted) Read(p []byte) (int, error) {
	if len(s.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.piece)], s.data)
	s.data = s.data[n:]
	return n, nil
}

func (s *scripted) Write(p []byte) (int, error)      { return s.said.Write(p) }
func (s *scripted) Close() error                     { return nil }
func (s *scripted) SetWriteDeadline(time.Time) error { return nil }

// converse reads a connection to its end. err is nil when it ended in order.
func converse(data []byte, client bool, piece int) (got, said []byte, err error) {
	s := &scripted{data: data, piece: piece}
	settings := Settings{Mechanism: "NULL", Host: "a"}
	c := Server(s, settings)
	if client {
		c = Client(s, settings)
	}
	p := make([]byte, 8192)
	for {
		n, err := c.Read(p)
		got = append(got, p[:n]...)
		if err != nil {
			_ = c.Close()
			if isEOF(err) {
				err = nil
			}
			return got, s.said.Bytes(), err
		}
	}
}
