package zloop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/zloop"
)

// framed is what a peer sends, and what is cut from it.
var framed = []struct {
	name    string
	framing zloop.Framing
	sent    string
	want    []string
	end     error
}{
	{"lines", zloop.Lines(10), "one\r\ntwo\n\nthree and more\n", []string{"one", "two", ""}, zloop.ErrFrame},
	{"line of the largest size", zloop.Lines(3), "abc\r\n", []string{"abc"}, io.EOF},
	{"endless line", zloop.Lines(3), "abcdefgh", nil, zloop.ErrFrame},
	{"no end of line", zloop.Lines(10), "one\ntw", []string{"one"}, io.EOF},
	{"length of 4", zloop.LengthPrefixed(4, 5), "\x00\x00\x00\x03one\x00\x00\x00\x00\x00\x00\x00\x05three", []string{"one", "", "three"}, io.EOF},
	{"length of 1", zloop.LengthPrefixed(1, 200), "\x01a\x03", []string{"a"}, io.EOF},
	{"too long", zloop.LengthPrefixed(2, 5), "\x00\x01a\x00\x06", []string{"a"}, zloop.ErrFrame},
	{"far too long", zloop.LengthPrefixed(8, 5), "\xff\xff\xff\xff\xff\xff\xff\xff", nil, zloop.ErrFrame},
}

// What is cut does not depend on the pieces in which it arrives.
func TestStreamCuts(t *testing.T) {
	for _, c := range framed {
		for piece := 1; piece <= len(c.sent); piece++ {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				defer ours.Close()
				go func() {
					defer theirs.Close()
					for p := []byte(c.sent); len(p) > 0; {
						n := min(piece, len(p))
						if _, err := theirs.Write(p[:n]); err != nil {
							return
						}
						p = p[n:]
					}
				}()
				l := newLoop()
				var got []string
				l.Stream(ours, c.framing, func(m []byte) error {
					got = append(got, string(m))
					return nil
				}).OnEnd(func(err error) error { return err })
				err := l.Run(context.Background())
				if !errors.Is(err, c.end) || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
					t.Errorf("%s in pieces of %d: %q, %v; want %q, %v", c.name, piece, got, err, c.want, c.end)
				}
			})
		}
	}
}

// What Send frames, the framing cuts; what it can't carry is refused.
func TestStreamSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, f := range map[string]zloop.Framing{"lines": zloop.Lines(300), "length": zloop.LengthPrefixed(1, 300)} {
			a, b := net.Pipe()
			l := newLoop()
			var got []string
			sender := l.Stream(a, f, func([]byte) error { return nil })
			l.Stream(b, f, func(m []byte) error {
				if got = append(got, string(m)); len(got) == 3 {
					return zloop.ErrStop
				}
				return nil
			})
			for _, m := range []string{"one", "", strings.Repeat("x", 255)} {
				if err := sender.Send([]byte(m)); err != nil {
					t.Errorf("%s: Send = %v", name, err)
				}
			}
			if err := sender.Send(bytes.Repeat([]byte{'\n'}, 301)); !errors.Is(err, zloop.ErrFrame) {
				t.Errorf("%s: Send of what can't be = %v", name, err)
			}
			if err := l.Run(context.Background()); err != nil || len(got) != 3 || got[0] != "one" || got[1] != "" || len(got[2]) != 255 {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
			_ = l.Close()
			if err := sender.Send(nil); !errors.Is(err, zloop.ErrClosed) {
				t.Errorf("%s: Send after Close = %v", name, err)
			}
			_ = a.Close()
			_ = b.Close()
		}
	})
}

// A peer that does not read fills the buffer, not the memory; when it reads again,
// OnRoom tells.
func TestStreamFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		l := newLoop()
		s := l.Stream(ours, zloop.Lines(100), func([]byte) error { return nil }, zloop.WithWriteBuffer(100))
		room := false
		s.OnRoom(func() error { room = true; return zloop.ErrStop })
		sent := 0
		for ; sent < 100; sent++ {
			if err := s.Send(make([]byte, 9)); err == zloop.ErrFull {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if sent != 10 {
			t.Errorf("%d lines of 10 bytes in a buffer of 100", sent)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Flush(ctx); err != context.DeadlineExceeded {
			t.Errorf("Flush = %v", err)
		}
		go func() { _, _ = io.CopyN(io.Discard, theirs, int64(10*sent)) }()
		if err := l.Run(context.Background()); err != nil || !room {
			t.Errorf("Run = %v, room %v", err, room)
		}
		if err := s.Flush(context.Background()); err != nil {
			t.Errorf("Flush = %v", err)
		}
		_ = theirs.Close()
		if err := s.Send([]byte("x")); err != nil {
			t.Fatal(err)
		}
		s.OnEnd(func(err error) error { return err })
		if err := l.Run(context.Background()); !errors.Is(err, io.ErrClosedPipe) && err != io.EOF {
			t.Errorf("Run with a dead peer = %v", err)
		}
		_ = l.Close()
	})
}
