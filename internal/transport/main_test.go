package transport

import (
	"context"
	"io"
	"net"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t testing.TB, s string) endpoint.Endpoint {
	t.Helper()
	ep, err := endpoint.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

// listen binds to s for the length of the test.
func listen(t testing.TB, s string, o Options) Listener {
	t.Helper()
	l, err := Listen(t.Context(), parse(t, s), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// join dials s, which l serves, and returns both ends.
func join(t testing.TB, l Listener, s string, o Options) (dialed, accepted net.Conn) {
	t.Helper()
	type result struct {
		c   net.Conn
		err error
	}
	got := make(chan result, 1)
	go func() {
		c, err := l.Accept()
		got <- result{c, err}
	}()
	dialed, err := Dial(t.Context(), parse(t, s), o)
	if err != nil {
		_ = l.Close()
		<-got
		t.Fatalf("dial %s: %v", s, err)
	}
	r := <-got
	if r.err != nil {
		t.Fatal(r.err)
	}
	t.Cleanup(func() { _, _ = dialed.Close(), r.c.Close() })
	return dialed, r.c
}

// echo checks that bytes written at one end arrive at the other.
func echo(t testing.TB, a, b net.Conn) {
	t.Helper()
	if _, err := a.Write([]byte("ping")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(b, buf); err != nil || string(buf) != "ping" {
		t.Fatalf("read %q, %v", buf, err)
	}
}

// v6 is Defaults with IPv6 on; it skips the test where the loopback has none.
func v6(t testing.TB) Options {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no ::1: %v", err)
	}
	_ = l.Close()
	o := Defaults()
	o.IPv6 = true
	return o
}
