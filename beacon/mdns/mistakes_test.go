package mdns

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// A dead network is told once, with what there is and what to do.
func TestNoInterfaceIsTold(t *testing.T) {
	var log logbook.Book
	b, err := Browse(context.Background(), "_zre._tcp", WithInterfaces(func(net.Interface) bool { return false }),
		WithLogger(log.Zerolog()), WithSlog(log.Slog()))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	const want = "on one host only use WithLoopback"
	ztest.Eventually(t, "it is told, and is the problem", func() bool {
		return log.Has("ZA0301", "no interface to discover peers on", want, `"means":"mdns"`) && b.Problem() != nil
	}, &log)
	for n := range b.Notices(t.Context()) {
		if n.Kind != beacon.NoticeUnreachable || !errors.Is(n.Err, ErrNoInterface) || !strings.HasPrefix(n.String(), "unreachable: no usable interface: ") {
			t.Errorf("notice: %v", n)
		}
		break
	}
	if err := b.Problem(); !errors.Is(err, ErrNoInterface) || !strings.HasPrefix(err.Error(), "mdns: no usable interface: ") || !strings.Contains(err.Error(), want) {
		t.Errorf("problem: %v", err)
	}
}

// A port that another program has for itself alone.
func TestPortInUseIsTold(t *testing.T) {
	other, err := net.ListenUDP("udp", &net.UDPAddr{})
	if err != nil {
		t.Skip(err)
	}
	defer other.Close()
	b, err := Browse(context.Background(), "_zre._tcp", WithPort(other.LocalAddr().(*net.UDPAddr).Port))
	if err == nil {
		b.Close()
		t.Skip("the system shares the port all the same")
	}
	for _, want := range []string{"mdns: port: ", "address already in use", "for itself alone: end it, or let all peers use another port (WithPort)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
