package ws

import (
	"bytes"
	"errors"
	"io"
	"testing"

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
		if !bytes.HasSuffix(data[:min(len(data), maxHead+headRead)], rest) {
			t.Fatalf("the rest of %q is %q", data, rest)
		}
		_, _ = Settings{Mechanism: "NULL"}.choose(h, len(data)%2 == 0)
	})
}
