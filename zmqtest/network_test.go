package zmqtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

const here = "tcp://127.0.0.1:5555"

// pair connects two ends.
func pair(t testing.TB, n *Network) (near, far *Conn) {
	t.Helper()
	l, _, err := n.Listen(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := n.Dial(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*Conn), a.(*Conn)
}

// The suite of package nettest knows what a net.Conn owes: deadlines, concurrent
// use, what close does to the other calls.
func TestConnIsANetConn(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		a, b := pair(t, NewNetwork(1, Faults{}))
		return a, b, func() { a.Close(); b.Close() }, nil
	})
}

func TestSlicesAndDelaysKeepTheBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		a, b := pair(t, NewNetwork(7, Faults{Delay: time.Second, Jitter: time.Second, Slice: 3, Buffer: 100}))
		sent := make([]byte, 5000)
		for i := range sent {
			sent[i] = byte(rng.Uint32())
		}
		go func() {
			for rest := sent; len(rest) > 0; {
				k := min(len(rest), 1+rng.IntN(300))
				if _, err := a.Write(rest[:k]); err != nil {
					t.Error(err)
				}
				rest = rest[k:]
			}
			a.Close()
		}()
		start := time.Now()
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d of %d bytes, %v", len(got), len(sent), err)
		}
		// 100 bytes at a time, a second or two each.
		if d := time.Since(start); d < 50*time.Second || d > 110*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

func TestEndsOfAConnection(t *testing.T) {
	cases := []struct {
		name        string
		do          func(a *Conn)
		read, write error
		keeps       bool // what was written before still arrives
	}{
		{"close", func(a *Conn) { a.Close() }, io.EOF, syscall.EPIPE, true},
		{"half close", func(a *Conn) { a.CloseWrite() }, io.EOF, nil, true},
		{"reset", func(a *Conn) { a.Reset() }, syscall.ECONNRESET, syscall.ECONNRESET, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			n := NewNetwork(1, Faults{})
			a, b := pair(t, n)
			defer b.Close()
			a.Write([]byte("last words"))
			c.do(a)
			got, err := io.ReadAll(b)
			if err == nil {
				err = io.EOF
			}
			if !errors.Is(err, c.read) || (string(got) == "last words") != c.keeps {
				t.Errorf("read %q, %v", got, err)
			}
			if _, err := b.Write([]byte("x")); !errors.Is(err, c.write) {
				t.Errorf("write: %v, want %v", err, c.write)
			}
			a.Close()
			b.Close()
			if n.Connections() != 0 {
				t.Errorf("%d connections left", n.Connections())
			}
		})
	}
}

func TestPartitionHoldsEverythingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Faults{})
		a, b := pair(t, n)
		l, _, _ := n.Listen(t.Context(), here)
		defer l.Close()
		n.Partition()
		a.Write([]byte("x"))
		time.AfterFunc(time.Minute, n.Heal)
		start := time.Now()
		c, err := n.Dial(t.Context(), here)
		if err != nil || time.Since(start) != time.Minute {
			t.Fatalf("dial took %v: %v", time.Since(start), err)
		}
		if k, err := b.Read(make([]byte, 8)); k != 1 || err != nil {
			t.Fatalf("read %d, %v", k, err)
		}
		n.Partition()
		if _, err := n.Dial(t.Context(), here); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("dial into a lasting partition: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := n.Dial(ctx, here); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial: %v", err)
		}
		c.Close()
	})
}

func TestListening(t *testing.T) {
	n := NewNetwork(1, Faults{})
	ctx := t.Context()
	if _, err := n.Dial(ctx, here); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
	l, bound, err := n.Listen(ctx, "tcp://127.0.0.1:*")
	if err != nil || bound == "tcp://127.0.0.1:*" {
		t.Fatal(bound, err)
	}
	if _, _, err := n.Listen(ctx, bound); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("bound twice: %v", err)
	}
	n.Refuse(bound, true)
	if _, err := n.Dial(ctx, bound); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("refused: %v", err)
	}
	n.Refuse(bound, false)
	c, err := n.Host("10.0.0.9").Dial(ctx, bound)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("never accepted: %v", err)
	}
	if host, _, _ := net.SplitHostPort(c.LocalAddr().String()); host != "10.0.0.9" {
		t.Errorf("dialled from %s", c.LocalAddr())
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: %v", err)
	}
}

// A partition lies between hosts: the others go on.
func TestPartitionBetweenHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Faults{})
		l, _, err := n.Listen(t.Context(), "tcp://10.0.0.1:5555")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ends := map[string][2]net.Conn{}
		for _, ip := range []string{"10.0.0.2", "10.0.0.3"} {
			near, err := n.Host(ip).Dial(t.Context(), "tcp://10.0.0.1:5555")
			if err != nil {
				t.Fatal(err)
			}
			far, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			ends[ip] = [2]net.Conn{near, far}
			defer near.Close()
			defer far.Close()
		}
		arrives := func(ip string) bool {
			near, far := ends[ip][0], ends[ip][1]
			near.Write([]byte("x"))
			synctest.Wait()
			far.SetReadDeadline(time.Now().Add(time.Nanosecond))
			k, _ := far.Read(make([]byte, 100))
			return k > 0
		}
		n.Partition("10.0.0.3")
		if !arrives("10.0.0.2") || arrives("10.0.0.3") {
			t.Error("with 10.0.0.3 cut off, 10.0.0.2 alone goes on")
		}
		n.Partition("10.0.0.1")
		if arrives("10.0.0.2") || arrives("10.0.0.3") {
			t.Error("with 10.0.0.1 cut off as well, something arrives")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := n.Host("10.0.0.2").Dial(ctx, "tcp://10.0.0.1:5555"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial across: %v", err)
		}
		n.Heal()
		if !arrives("10.0.0.2") || !arrives("10.0.0.3") {
			t.Error("after Heal not everything arrives")
		}
	})
}

// A connection lasts so many bytes as Loss says at most, and both ends learn of its end.
func TestLoss(t *testing.T) {
	n := NewNetwork(5, Faults{Loss: 1000})
	lasted := map[int]bool{}
	for range 20 {
		a, b := pair(t, n)
		k := 0
		for ; ; k++ {
			if _, err := a.Write([]byte{1}); err != nil {
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Error(err)
				}
				break
			}
		}
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the other end: %v", err)
		}
		if k < 1 || k > 1000 {
			t.Errorf("lasted %d bytes", k)
		}
		lasted[k] = true
		a.Close()
		b.Close()
	}
	if len(lasted) < 10 {
		t.Errorf("all connections last alike: %v", lasted)
	}
	if n.Connections() != 0 {
		t.Errorf("%d connections left", n.Connections())
	}
}
