package ws

import (
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/ztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wired makes the two ends of a connection of tcp.
func wired(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{client, server} {
		_ = c.SetDeadline(time.Now().Add(ztest.Patience))
		t.Cleanup(func() { c.Close() })
	}
	return client, server
}
