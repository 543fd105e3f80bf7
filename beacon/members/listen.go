package members

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/go-zactor/zactor/beacon/internal/lan"
)

// A port that the system has chosen for TCP may be taken for UDP: others are tried.
const portTries = 10

// listeners opens the port, of both TCP and UDP; 0 lets the system choose.
func listeners(address string, port int) (*net.TCPListener, *lan.Listener, error) {
	ip := net.ParseIP(address)
	for tries := portTries; ; tries-- {
		t, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: port})
		if err != nil {
			return nil, nil, fmt.Errorf("listen on TCP %s port %d: %w", address, port, err)
		}
		u, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: t.Addr().(*net.TCPAddr).Port})
		if err == nil {
			return t, ears(u, ip.To4() == nil), nil
		}
		t.Close()
		if port != 0 || tries <= 1 || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, nil, fmt.Errorf("listen on UDP %s port %d: %w", address, port, err)
		}
	}
}

// ears is a socket as lan has it.
func ears(u *net.UDPConn, six bool) *lan.Listener {
	_ = u.SetReadBuffer(queue) // the system gives less where it has to
	l := &lan.Listener{Conn: u}
	if six {
		l.P6 = ipv6.NewPacketConn(u)
	} else {
		l.P4 = ipv4.NewPacketConn(u)
	}
	return l
}
