package transport

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// given is the descriptor of a listener, as another program would hand it over.
func given(t *testing.T, network, address string) (fd int, l net.Listener) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	onSocket(t, l, func(own int) {
		if fd, err = syscall.Dup(own); err != nil {
			t.Fatal(err)
		}
	})
	return fd, l
}

func TestAdopt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, c := range []struct{ network, address, endpoint string }{
		{"tcp", "127.0.0.1:0", "tcp://127.0.0.1:9"},
		{"unix", path, "ipc:///somewhere/else"},
	} {
		o := Defaults()
		var theirs net.Listener
		o.FD, theirs = given(t, c.network, c.address)
		if l, ok := theirs.(*net.UnixListener); ok {
			l.SetUnlinkOnClose(false)
		}
		theirs.Close()
		l := listen(t, c.endpoint, o)
		dial, accepted := join(t, l, l.Endpoint(), Defaults())
		for _, conn := range []net.Conn{dial, accepted} {
			if conn == nil {
				t.Error("no connection")
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the socket file that another program had made is gone: %v", err)
	}
}

func TestAdoptRefuses(t *testing.T) {
	o := Defaults()
	o.FD, _ = given(t, "tcp", "127.0.0.1:0")
	ep, _ := endpoint.Parse("ipc:///x")
	if _, err := Listen(t.Context(), ep, o); !errors.Is(err, ErrNoTransport) {
		t.Errorf("a tcp descriptor for ipc: %v", err)
	}
	if err := syscall.Close(o.FD); err == nil {
		t.Error("the descriptor was left open")
	}
	o.FD = 1 << 20
	if _, err := Listen(t.Context(), ep, o); err == nil {
		t.Error("a descriptor that is none was adopted")
	}
}
