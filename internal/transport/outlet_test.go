package transport

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"testing"
)

// outletPair is two ends of a connection with a small buffer.
func outletPair(t *testing.T) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near, far = nc.(*net.TCPConn), other.(*net.TCPConn)
	_ = near.SetWriteBuffer(4096) // not the other one: a window smaller than a segment is waited for
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// plain hides that a connection has a descriptor.
type plain struct{ net.Conn }

// outlets runs a test with a descriptor and without.
func outlets(t *testing.T, fn func(t *testing.T, nc net.Conn, far *net.TCPConn)) {
	for _, raw := range []bool{true, false} {
		t.Run(map[bool]string{true: "descriptor", false: "none"}[raw], func(t *testing.T) {
			near, far := outletPair(t)
			var nc net.Conn = near
			if !raw {
				nc = plain{near}
			}
			fn(t, nc, far)
		})
	}
}

// What is written arrives, whatever pieces it is in, and how far it came is told rising,
// and never more than the other side can have.
func TestOutlet(t *testing.T) {
	outlets(t, func(t *testing.T, nc net.Conn, far *net.TCPConn) {
		rng := rand.New(rand.NewPCG(1, 2))
		var all []byte
		var bufs [][]byte
		for range 1500 {
			p := make([]byte, rng.IntN(200))
			if rng.IntN(100) == 0 {
				p = make([]byte, rng.IntN(80_000))
			}
			for i := range p {
				p[i] = byte(rng.Uint32())
			}
			all, bufs = append(all, p...), append(bufs, p)
		}
		got, waits := make(chan []byte), make(chan struct{})
		first := waits
		go func() {
			<-first
			b, _ := io.ReadAll(far)
			got <- b
		}()
		told := int64(-1)
		o := Outlet{Stalled: func(n int64) int64 {
			if n <= told || n > int64(len(all)) {
				t.Errorf("told of %d after %d", n, told)
			}
			if told = n; waits != nil {
				close(waits)
				waits = nil
			}
			return math.MaxInt64
		}}
		raw := Raw(nc)
		for range 2 { // it may be used again
			told = -1
			n, err := o.Write(nc, raw, append([][]byte(nil), bufs...))
			if err != nil || n != int64(len(all)) {
				t.Fatalf("wrote %d of %d, %v", n, len(all), err)
			}
		}
		nc.Close()
		if b := <-got; !bytes.Equal(b, append(bytes.Clone(all), all...)) {
			t.Errorf("%d bytes arrive that are not what was written", len(b))
		}
	})
}

// Nothing is written beyond what is wanted, once that is known.
func TestOutletShort(t *testing.T) {
	outlets(t, func(t *testing.T, nc net.Conn, far *net.TCPConn) {
		var until int64
		stalled := make(chan struct{})
		o := Outlet{Stalled: func(n int64) int64 {
			if until == 0 {
				until = n + 5000
				close(stalled)
			}
			return until
		}}
		go func() {
			<-stalled
			_, _ = io.Copy(io.Discard, far)
		}()
		n, err := o.Write(nc, Raw(nc), [][]byte{make([]byte, 1000), make([]byte, 10<<20), make([]byte, 10)})
		if !errors.Is(err, ErrShort) || n != until {
			t.Errorf("wrote %d, %v; want %d", n, err, until)
		}
	})
}

// A connection that is closed ends a Write that waits, which says how far it came.
func TestOutletClosed(t *testing.T) {
	outlets(t, func(t *testing.T, nc net.Conn, _ *net.TCPConn) {
		stalled := make(chan struct{}, 1000)
		var told int64
		o := Outlet{Stalled: func(n int64) int64 {
			told = n
			select {
			case stalled <- struct{}{}:
			default:
			}
			return math.MaxInt64
		}}
		go func() {
			<-stalled
			nc.Close()
		}()
		n, err := o.Write(nc, Raw(nc), [][]byte{make([]byte, 10<<20)})
		if !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrClosed) || n < told || n == 10<<20 {
			t.Errorf("wrote %d of which %d were told, %v", n, told, err)
		}
	})
}
