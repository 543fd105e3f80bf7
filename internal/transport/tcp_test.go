package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/endpoint"
)

// portOf is the port at the end of an endpoint.
func portOf(s string) string { return s[strings.LastIndexByte(s, ':')+1:] }

func TestTCPEndpoint(t *testing.T) {
	for _, c := range []struct{ bind, host string }{
		{"tcp://127.0.0.1:*", "tcp://127.0.0.1:"},
		{"tcp://127.0.0.1:0", "tcp://127.0.0.1:"},
		{"tcp://*:*", "tcp://0.0.0.0:"},
		{"tcp://0.0.0.0:*", "tcp://0.0.0.0:"},
		{"tcp://localhost:*", "tcp://127.0.0.1:"},
	} {
		l := listen(t, c.bind, Defaults())
		if got := l.Endpoint(); !strings.HasPrefix(got, c.host) || portOf(got) == "0" {
			t.Errorf("bound %s to %s, want %s and a port", c.bind, got, c.host)
		}
		a, b := join(t, l, "tcp://127.0.0.1:"+portOf(l.Endpoint()), Defaults())
		echo(t, a, b)
		echo(t, b, a)
	}
}

func TestTCPInterface(t *testing.T) {
	lo := loopback(t)
	l := listen(t, "tcp://"+lo+":*", Defaults())
	if !strings.HasPrefix(l.Endpoint(), "tcp://127.") {
		t.Fatalf("interface %s gave %s", lo, l.Endpoint())
	}
	a, b := join(t, l, l.Endpoint(), Defaults())
	echo(t, a, b)
	if o := v6(t); true {
		l := listen(t, "tcp://"+lo+":*", o)
		if !strings.HasPrefix(l.Endpoint(), "tcp://[::1]:") {
			t.Errorf("interface %s with IPv6 gave %s", lo, l.Endpoint())
		}
	}
}

func loopback(t *testing.T) string {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Skip(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 && i.Flags&net.FlagUp != 0 && !strings.Contains(i.Name, " ") {
			return i.Name
		}
	}
	t.Skip("no loopback interface is up")
	return ""
}

func TestTCPIPv6(t *testing.T) {
	o := v6(t)
	l := listen(t, "tcp://[::1]:*", o)
	if !strings.HasPrefix(l.Endpoint(), "tcp://[::1]:") {
		t.Fatal(l.Endpoint())
	}
	a, b := join(t, l, l.Endpoint(), o)
	echo(t, a, b)
}

func TestTCPDualStack(t *testing.T) {
	o := v6(t)
	for _, any := range []string{"tcp://*:*", "tcp://[::]:*"} {
		l := listen(t, any, o)
		if !strings.HasPrefix(l.Endpoint(), "tcp://[::]:") {
			t.Fatalf("%s gave %s", any, l.Endpoint())
		}
		for _, host := range []string{"127.0.0.1", "[::1]"} {
			a, b := join(t, l, "tcp://"+host+":"+portOf(l.Endpoint()), o)
			echo(t, a, b)
		}
	}
}

func TestIPv6NeedsItsOption(t *testing.T) {
	for _, s := range []string{"tcp://[::1]:5555", "tcp://[::]:5555"} {
		if _, err := Listen(t.Context(), parse(t, s), Defaults()); !errors.Is(err, ErrIPv6Off) {
			t.Errorf("bind %s: %v", s, err)
		}
		if _, err := Dial(t.Context(), parse(t, s), Defaults()); !errors.Is(err, ErrIPv6Off) {
			t.Errorf("connect %s: %v", s, err)
		}
	}
}

func TestTCPInUse(t *testing.T) {
	l := listen(t, "tcp://127.0.0.1:*", Defaults())
	_, err := Listen(t.Context(), parse(t, l.Endpoint()), Defaults())
	if !errors.Is(err, ErrAddrInUse) || !isAddrInUse(err) || !strings.Contains(err.Error(), l.Endpoint()) {
		t.Fatalf("%v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	listen(t, l.Endpoint(), Defaults())
}

func TestTCPSource(t *testing.T) {
	l := listen(t, "tcp://127.0.0.1:*", Defaults())
	free := listen(t, "tcp://127.0.0.1:*", Defaults())
	port := portOf(free.Endpoint())
	_ = free.Close()
	for _, src := range []string{"127.0.0.1", "127.0.0.1:*", "*:" + port} {
		a, b := join(t, l, "tcp://"+src+";"+strings.TrimPrefix(l.Endpoint(), "tcp://"), Defaults())
		from := b.RemoteAddr().(*net.TCPAddr)
		if from.IP.String() != "127.0.0.1" || strings.HasSuffix(src, port) && portOf(from.String()) != port {
			t.Errorf("source %s came from %s", src, from)
		}
		echo(t, a, b)
	}
	if _, err := Dial(t.Context(), parse(t, "tcp://no.such.interface;127.0.0.1:1"), Defaults()); err == nil ||
		!strings.Contains(err.Error(), "no.such.interface") {
		t.Errorf("an unknown source gave %v", err)
	}
}

func TestDialRefusals(t *testing.T) {
	for _, s := range []string{"tcp://*:5", "tcp://h:*", "tcp://h:0", "ipc://*"} {
		if _, err := Dial(t.Context(), parse(t, s), Defaults()); !errors.Is(err, endpoint.ErrInvalid) {
			t.Errorf("dial %s: %v", s, err)
		}
	}
	if _, err := Listen(t.Context(), parse(t, "tcp://a;b:5"), Defaults()); !errors.Is(err, endpoint.ErrInvalid) {
		t.Errorf("listen with a source: %v", err)
	}
	for _, s := range []string{"inproc://x", "ws://h:80", "udp://h:80"} {
		_, err := Dial(t.Context(), parse(t, s), Defaults())
		_, err2 := Listen(t.Context(), parse(t, s), Defaults())
		if !errors.Is(err, ErrNoTransport) || !errors.Is(err2, errors.ErrUnsupported) {
			t.Errorf("%s: dial %v, listen %v", s, err, err2)
		}
	}
}

func TestDialEnds(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range []string{"tcp://127.0.0.1:1", "ipc:///nowhere"} {
		if _, err := Dial(done, parse(t, s), Defaults()); !errors.Is(err, context.Canceled) && s[0] == 't' || err == nil {
			t.Errorf("dial %s on an ended context: %v", s, err)
		}
		if _, err := Listen(done, parse(t, s), Defaults()); !errors.Is(err, context.Canceled) {
			t.Errorf("listen %s on an ended context: %v", s, err)
		}
	}
	o := Defaults()
	o.ConnectTimeout = time.Nanosecond
	var timeout net.Error
	if _, err := Dial(t.Context(), parse(t, "tcp://127.0.0.1:1"), o); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("ConnectTimeout gave %v", err)
	}
}

func TestDialRefused(t *testing.T) {
	l := listen(t, "tcp://127.0.0.1:*", Defaults())
	_ = l.Close()
	if _, err := Dial(t.Context(), parse(t, l.Endpoint()), Defaults()); !isRefused(err) {
		t.Fatalf("%v", err)
	}
}

func TestCloseIsIdempotentAndEndsAccept(t *testing.T) {
	for _, s := range []string{"tcp://127.0.0.1:*", "ipc://*"} {
		l := listen(t, s, Defaults())
		ended := make(chan error)
		go func() { _, err := l.Accept(); ended <- err }()
		for range 3 {
			if err := l.Close(); err != nil {
				t.Errorf("close %s: %v", s, err)
			}
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept on %s: %v", s, err)
		}
	}
}

func TestBadDevice(t *testing.T) {
	o := Defaults()
	o.BindToDevice = "no-such-device"
	if _, err := Listen(t.Context(), parse(t, "tcp://127.0.0.1:*"), o); err == nil {
		t.Error("listening on a device that is not there")
	}
	if _, err := Dial(t.Context(), parse(t, "tcp://127.0.0.1:1"), o); err == nil || isRefused(err) {
		t.Errorf("dialing through a device that is not there: %v", err)
	}
}

// socksServer serves one SOCKS5 client, byte by byte, and reports what it
// asked for. It connects to target whatever was asked.
func socksServer(l Listener, user, password, target string) (asked chan string) {
	asked = make(chan string, 1)
	go func() {
		defer close(asked)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		host, err := socksHandshake(c, user, password)
		if err != nil {
			return
		}
		asked <- host
		up, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer up.Close()
		for _, b := range []byte{5, 0, 0, 3, 1, 'x', 0, 1} {
			_, _ = c.Write([]byte{b})
		}
		back := make(chan struct{})
		go func() { _, _ = io.Copy(c, up); close(back) }()
		_, _ = io.Copy(up, c)
		_ = up.Close()
		<-back
	}()
	return asked
}

func socksHandshake(c net.Conn, user, password string) (string, error) {
	take := func(n int) []byte {
		b := make([]byte, n)
		if _, err := io.ReadFull(c, b); err != nil {
			return make([]byte, n)
		}
		return b
	}
	take(int(take(2)[1]))
	if user == "" {
		_, _ = c.Write([]byte{5, 0})
	} else {
		_, _ = c.Write([]byte{5, 2})
		name := string(take(int(take(2)[1])))
		secret := string(take(int(take(1)[0])))
		if name != user || secret != password {
			_, _ = c.Write([]byte{1, 1})
			return "", syscall.EACCES
		}
		_, _ = c.Write([]byte{1, 0})
	}
	if head := take(4); head[3] != 3 {
		return netip.AddrFrom4([4]byte(take(4))).String(), nil
	}
	host := string(take(int(take(1)[0])))
	take(2)
	return host, nil
}

func TestSocks(t *testing.T) {
	for _, c := range []struct {
		user, password string
		ok             bool
	}{{"", "", true}, {"u", "p", true}, {"u", "wrong", false}} {
		target := listen(t, "tcp://127.0.0.1:*", Defaults())
		l := listen(t, "tcp://127.0.0.1:*", Defaults())
		asked := socksServer(l, c.user, "p", strings.TrimPrefix(target.Endpoint(), "tcp://"))
		o := Defaults()
		o.SocksProxy = strings.TrimPrefix(l.Endpoint(), "tcp://")
		o.SocksUser, o.SocksPassword = c.user, c.password
		conn, err := Dial(t.Context(), parse(t, "tcp://never.resolved.example:7"), o)
		if !c.ok {
			if err == nil {
				t.Error("a wrong password was let in")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := conn.(*net.TCPConn); !ok {
			t.Errorf("the connection is a %T", conn)
		}
		up, err := target.Accept()
		if err != nil {
			t.Fatal(err)
		}
		echo(t, conn, up)
		echo(t, up, conn)
		_, _ = conn.Close(), up.Close()
		if host := <-asked; host != "never.resolved.example" {
			t.Errorf("the proxy was asked for %q", host)
		}
		<-asked // closed: the server has ended
	}
}
