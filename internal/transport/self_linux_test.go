package transport

import (
	"context"
	"errors"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/ztest"
)

// A client that dials its own port is joined with itself by the kernel. It is told, and
// the port can be bound at once.
func TestConnectionToItself(t *testing.T) {
	addr := ztest.Vacant(t)
	ep, err := endpoint.Parse("tcp://" + addr + ";" + addr)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Dial(context.Background(), ep, Options{}); !errors.Is(err, ErrSelf) {
		t.Fatalf("dialled %v, %v; want ErrSelf", c, err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal("the port is not free:", err)
	}
	l.Close()
}

// A port that a client had, and left in TIME_WAIT, can be bound. Another process may have
// been given the same port, for another peer, and keeps it: then another one shows it.
func TestPortOfAClientCanBeBound(t *testing.T) {
	l := listen(t, "tcp://127.0.0.1:*", Options{})
	var err error
	for range 50 {
		var again net.Listener
		if again, err = net.Listen("tcp", leftPort(t, l)); err == nil {
			again.Close()
			return
		}
		if !errors.Is(err, unix.EADDRINUSE) {
			break
		}
	}
	t.Error("a client's port can't be bound:", err)
}

// leftPort is the address of a client that has gone.
func leftPort(t *testing.T, l Listener) string {
	a, b := join(t, l, l.Endpoint(), Options{})
	if sockopt(t, a, unix.SOL_SOCKET, unix.SO_REUSEADDR) == 0 {
		t.Error("a dialling socket has no SO_REUSEADDR")
	}
	a.Close() // the side that closes first has the TIME_WAIT
	if _, err := b.Read(make([]byte, 1)); err == nil {
		t.Fatal("read something")
	}
	b.Close()
	return a.LocalAddr().String()
}
