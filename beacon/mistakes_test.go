package beacon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

// told waits for a line of both logs.
func told(t *testing.T, b *logbook.Book, words ...string) {
	t.Helper()
	ztest.Eventually(t, fmt.Sprintf("a line has %q", words), func() bool { return b.Has(words...) }, b)
}

// An interface that is not there: the log and Problem say what was asked for, what there
// is, and that it is over when it comes.
func TestNoInterfaceIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		opt  Option
		want string
	}{
		"unknown":      {WithInterface("nosuch0"), "beacon: no usable interface: nosuch0 was asked for, and there "},
		"unknown net":  {WithInterface("203.0.113.0/24"), "beacon: no usable interface: 203.0.113.0/24 was asked for, and there "},
		"dead network": {WithInterfaces(func(net.Interface) bool { return false }), "on one host only use WithLoopback"},
	} {
		t.Run(name, func(t *testing.T) {
			var log logbook.Book
			b := newBeacon(t, c.opt, WithPort(loopback(t)), WithLogger(log.Zerolog()), WithSlog(log.Slog()), WithRescan(10*time.Millisecond))
			defer b.Close()
			told(t, &log, "ZA0301", "no interface to discover peers on", strings.TrimPrefix(c.want, "beacon: "), `"means":"beacon"`)
			for n := range b.Notices(t.Context()) { // who asks is told how it stands
				if n.Kind != NoticeUnreachable || n.Peer != "" || !errors.Is(n.Err, ErrNoInterface) {
					t.Errorf("notice: %v", n)
				}
				break
			}
			if err := b.Problem(); !errors.Is(err, ErrNoInterface) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("problem: %v, want %s", err, c.want)
			}
			b.Close()
			if n := log.Count("ZA0301"); n != 1 {
				t.Errorf("it is told %d times", n)
			}
		})
	}
}

// A network that does not let datagrams out is told with the system's reason, and is over
// when it does.
func TestClosedNetworkIsTold(t *testing.T) {
	var log logbook.Book
	c, err := newConfig([]Option{WithLoopback(true), WithLogger(log.Zerolog()), WithSlog(log.Slog())})
	if err != nil {
		t.Fatal(err)
	}
	s := newLinkSet(t, WithLoopback(true))
	board := NewNoticeBoard().Log(c.log, "beacon")
	notices := board.Events(t.Context())
	s.health.Log, s.health.Means, s.health.Notices = c.log, "beacon", board
	s.owns(t)
	for _, l := range s.links {
		l.conn.Close() // it is as a firewall's refusal: the system's error comes from the send
	}
	s.sendAll([]byte("x"))
	told(t, &log, "ZA0303", "discovery could not send", "use of closed network connection", `"interface":`)
	if err := s.health.Problem(); err == nil || !strings.Contains(err.Error(), "send on ") {
		t.Errorf("problem: %v", err)
	}
	s.owns(t)
	s.sendAll([]byte("x"))
	if err := s.health.Problem(); err != nil {
		t.Errorf("when it is over the problem is %v", err)
	}
	told(t, &log, "ZA0304", "peers can be discovered again", "use of closed network connection", `"means":"beacon"`)
	board.Close()
	begun, over := 0, 0
	for n := range notices {
		switch {
		case n.Kind == NoticeUnreachable && n.Peer != "" && strings.Contains(n.String(), "use of closed network connection"):
			begun++
		case n.Kind == NoticeRecovered:
			over++
		default:
			t.Errorf("notice: %v", n)
		}
	}
	if begun == 0 || over != begun {
		t.Errorf("%d troubles have begun, and %d ended, by notices", begun, over)
	}
}

// Kinds have the names of those within.
func TestNoticeKinds(t *testing.T) {
	for k, want := range map[NoticeKind]string{NoticeRefused: "refused", NoticeLost: "lost", NoticeUnreachable: "unreachable",
		NoticeRecovered: "recovered", NoticeMissed: "missed", 0: "notice 0", 77: "notice 77"} {
		if k.String() != want {
			t.Errorf("%d is %q, want %q", k, k, want)
		}
	}
	if s := (Notice{Kind: NoticeMissed, N: 3}).String(); s != "missed 3 notices" {
		t.Error(s)
	}
}

// A port that another program has for itself alone.
func TestPortInUseIsTold(t *testing.T) {
	other, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		t.Skip(err)
	}
	defer other.Close()
	port := other.LocalAddr().(*net.UDPAddr).Port
	b, err := New(context.Background(), WithPort(port))
	if err == nil {
		b.Close()
		t.Skip("the system shares the port all the same")
	}
	for _, want := range []string{"beacon: listen: ", "address already in use", "another program has UDP port", "for itself alone: end it, or let all peers use another port (WithPort)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
