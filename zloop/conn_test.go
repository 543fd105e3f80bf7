package zloop_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/zloop"
)

func TestConnHandsOverAllBytesAndTheEnd(t *testing.T) {
	var why error
	l := newLoop(zloop.WithOnEnd(func(_ *zloop.Handle, err error) error {
		why = err
		return zloop.ErrStop
	}))
	ours, theirs := tcpPair(t)
	want := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(want)
	go func() {
		_, _ = theirs.Write(want)
		_ = theirs.Close()
	}()
	var got []byte
	biggest := 0
	l.Conn(ours, func(p []byte) error {
		got = append(got, p...)
		biggest = max(biggest, len(p))
		return nil
	})
	run(t, l)
	if !bytes.Equal(got, want) {
		t.Errorf("received %d bytes of %d, or others", len(got), len(want))
	}
	if why != io.EOF {
		t.Errorf("ended with %v, want io.EOF", why)
	}
	t.Logf("biggest piece %d bytes", biggest)
}

func tcpPair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if a, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// TestConnLosesNothingBetweenRuns stops the loop again and again in the middle.
func TestConnLosesNothingBetweenRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		want := make([]byte, 50_000)
		_, _ = rand.NewChaCha8([32]byte{1}).Read(want)
		go func() {
			for p := want; len(p) > 0; {
				n, _ := theirs.Write(p[:min(len(p), 777)])
				p = p[n:]
			}
			_ = theirs.Close()
		}()
		done := false
		l := newLoop(zloop.WithOnEnd(func(*zloop.Handle, error) error { done = true; return zloop.ErrStop }))
		var got []byte
		pieces := 0
		l.Conn(ours, func(p []byte) error {
			got = append(got, p...)
			if pieces++; pieces%3 == 0 {
				return zloop.ErrStop
			}
			return nil
		})
		runs := 0
		for ; !done; runs++ {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			if err := l.Run(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
		if !bytes.Equal(got, want) {
			t.Errorf("received %d bytes of %d, or others, in %d runs", len(got), len(want), runs)
		}
		if runs < 20 {
			t.Errorf("only %d runs", runs)
		}
	})
}

// TestConnOutlivesARunThatEndsInARead: what ended the Read then is no end of the
// connection.
func TestConnOutlivesARunThatEndsInARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		var got []byte
		l := newLoop(zloop.WithOnEnd(func(_ *zloop.Handle, err error) error { return err }))
		l.Conn(ours, func(p []byte) error { got = append(got, p...); return nil })
		runFor(t, l, 10*ms)
		go func() { _, _ = theirs.Write([]byte("hello")) }()
		runFor(t, l, 10*ms)
		if string(got) != "hello" {
			t.Errorf("received %q", got)
		}
	})
}

// TestStoppedConnIsTheCallersAgain: its goroutine has ended when Stop returns,
// and the read deadline that ended it is gone.
func TestStoppedConnIsTheCallersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		l := newLoop()
		h := l.Conn(ours, func([]byte) error { t.Error("called after Stop"); return nil })
		l.After(10*ms, func() error { h.Stop(); h.Stop(); return zloop.ErrStop })
		run(t, l)
		go func() { _, _ = theirs.Write([]byte("hello")) }()
		p := make([]byte, 9)
		if n, err := ours.Read(p); string(p[:n]) != "hello" || err != nil {
			t.Errorf("Read = %q, %v", p[:n], err)
		}
	})
}

func TestConnMayBeStoppedInItsOwnHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		go func() {
			_, _ = theirs.Write([]byte("one"))
			_ = theirs.Close()
		}()
		ends := 0
		l := newLoop(zloop.WithOnEnd(func(*zloop.Handle, error) error { ends++; return nil }))
		var h *zloop.Handle
		calls := 0
		h = l.Conn(ours, func([]byte) error { calls++; h.Stop(); return nil })
		runFor(t, l, 10*ms)
		if calls != 1 || ends != 0 {
			t.Errorf("%d calls, %d ends, want 1 and 0", calls, ends)
		}
	})
}

// TestSlowHandlerHoldsThePeerBack: over a pipe without buffers, a write returns
// when its bytes have been read, which is after the handler of the last.
func TestSlowHandlerHoldsThePeerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		l := newLoop(zloop.WithOnEnd(func(*zloop.Handle, error) error { return zloop.ErrStop }))
		l.Conn(ours, func([]byte) error { time.Sleep(10 * ms); return nil })
		var took time.Duration
		go func() {
			begin := time.Now()
			for range 5 {
				_, _ = theirs.Write([]byte("x"))
			}
			took = time.Since(begin)
			_ = theirs.Close()
		}()
		run(t, l)
		if took != 40*ms {
			t.Errorf("five writes took %v, want 40ms", took)
		}
		_ = ours.Close()
	})
}

// noDeadlines is a connection that refuses them.
type noDeadlines struct{ net.Conn }

func (noDeadlines) SetReadDeadline(time.Time) error { return errors.New("not supported") }

func TestConnWithoutDeadlinesIsClosed(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	l := newLoop()
	l.Conn(noDeadlines{ours}, func([]byte) error { return nil })
	l.After(ms, stop)
	run(t, l) // must join the goroutine; goleak watches
	if _, err := theirs.Write([]byte("x")); err == nil {
		t.Error("the connection is open")
	}
}

func TestConnErrorEndsTheHandle(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	l := newLoop(zloop.WithOnEnd(func(_ *zloop.Handle, err error) error {
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("ended with %v", err)
		}
		return zloop.ErrStop
	}))
	l.Conn(ours, func([]byte) error { return nil })
	l.After(ms, func() error { return ours.Close() })
	run(t, l)
}
