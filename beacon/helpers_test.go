package beacon

import (
	"context"
	"iter"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/internal/ztest"
)

// freePort finds a UDP port that nobody uses now.
func freePort(t testing.TB) int {
	t.Helper()
	return ztest.Port(t)
}

// loopback skips the test where the host's loopback does not broadcast, and
// returns a port to use.
func loopback(t testing.TB) int {
	t.Helper()
	port := freePort(t)
	e, err := lan.ListenOne(port, false)
	if err != nil {
		t.Skipf("no shared UDP port: %v", err)
	}
	defer e.Conn.Close()
	to := net.UDPAddr{IP: net.IPv4(127, 255, 255, 255), Port: port}
	c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, &to)
	if err != nil {
		t.Skipf("no broadcast on the loopback: %v", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("probe")); err != nil {
		t.Skipf("no broadcast on the loopback: %v", err)
	}
	e.Conn.SetReadDeadline(time.Now().Add(time.Second))
	if _, err := e.NewBatch(1, 16).Read(); err != nil {
		t.Skipf("a broadcast on the loopback is not heard: %v", err)
	}
	return port
}

func newBeacon(t testing.TB, opts ...Option) *Beacon {
	t.Helper()
	b, err := New(context.Background(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// local makes a beacon on the loopback that hears everything.
func local(t testing.TB, port int, opts ...Option) *Beacon {
	t.Helper()
	b := newBeacon(t, append([]Option{WithLoopback(true), WithPort(port)}, opts...)...)
	b.Subscribe(nil)
	return b
}

func publish(t testing.TB, b *Beacon, data string, every time.Duration) {
	t.Helper()
	if err := b.Publish([]byte(data), every); err != nil {
		t.Fatal(err)
	}
}

// listener pulls signals one by one.
type listener struct {
	t    testing.TB
	next func() (Signal, bool)
}

func listen(t testing.TB, b *Beacon) *listener {
	t.Helper()
	next, stop := iter.Pull(b.Events(ztest.Within(t)))
	t.Cleanup(stop)
	return &listener{t, next}
}

// signal waits for the next signal.
func (l *listener) signal() Signal {
	l.t.Helper()
	s, ok := l.next()
	if !ok {
		l.t.Fatal("no signal came")
	}
	return s
}

func (l *listener) expect(data string) Signal {
	l.t.Helper()
	s := l.signal()
	if string(s.Data) != data {
		l.t.Fatalf("heard %q, want %q", s.Data, data)
	}
	return s
}

// stranger is a socket that sends raw datagrams to the beacons of the loopback.
func stranger(t testing.TB, port int) func(data string) netip.AddrPort {
	t.Helper()
	l, err := openLink(lan.Target{
		NIC: "lo", Source: netip.MustParseAddr("127.0.0.1"), Dest: netip.MustParseAddr("127.255.255.255"),
	}, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.conn.Close() })
	return func(data string) netip.AddrPort {
		if err := l.send([]byte(data)); err != nil {
			t.Fatal(err)
		}
		return l.local()
	}
}
