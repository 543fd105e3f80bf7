//go:build interop && linux

package zmq_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The effects that are about addresses, proxies and the kernel.

func effectIPv6(e *effects) {
	for _, c := range []struct {
		s       setting
		reached bool
	}{{setting{"IPV6", 1}, true}, {setting{"IPV6", 0}, false}, {setting{"IPV4ONLY", 0}, true}, {setting{"IPV4ONLY", 1}, false}} {
		s := e.a("PULL", c.s)
		bound, errno := s.bind("tcp://*:*")
		e.none(errno)
		nc, err := net.Dial("tcp", fmt.Sprintf("[::1]:%d", endpointPort(bound)))
		if err == nil {
			nc.Close()
		}
		if reached := err == nil; reached != c.reached {
			e.Fatalf("%v: %v", c.s, err)
		}
	}
}

func effectAcceptFilter(e *effects) {
	s := e.a("PULL", setting{"TCP_ACCEPT_FILTER", "127.0.0.2"}, setting{"TCP_ACCEPT_FILTER", "127.0.3.0/24"})
	bound, errno := s.bind("tcp://127.0.0.1:*")
	e.none(errno)
	for ip, want := range map[string]bool{"127.0.0.2": true, "127.0.3.9": true, "127.0.0.1": false, "127.0.4.9": false} {
		if got := e.rawFrom(ip, bound).greeted(); got != want {
			e.Fatalf("%s is greeted: %v", ip, got)
		}
	}
}

func effectIPCFilter(e *effects) {
	for _, c := range []struct {
		name string
		n    int
		want bool
	}{
		{"IPC_FILTER_PID", os.Getpid(), true}, {"IPC_FILTER_PID", 1, false},
		{"IPC_FILTER_UID", os.Getuid(), true}, {"IPC_FILTER_UID", 4711, false},
		{"IPC_FILTER_GID", os.Getgid(), true}, {"IPC_FILTER_GID", 4711, false},
	} {
		s := e.a("PULL", setting{c.name, c.n})
		if got := e.dialRaw(e.bindAny(s)).greeted(); got != c.want {
			e.Fatalf("%s = %d: greeted is %v", c.name, c.n, got)
		}
	}
	s := e.a("PULL", setting{"IPC_FILTER_PID", 1}, setting{"IPC_FILTER_UID", os.Getuid()}, setting{"IPC_FILTER_GID", 4711})
	if !e.dialRaw(e.bindAny(s)).greeted() {
		e.Fatal("one filter that fits is not enough")
	}
}

// socksRequest is what a SOCKS5 client says before its connection.
type socksRequest struct {
	from, user, password, address string
	port                          int
}

// socks reads a request, with a login if one is offered, and answers that all is well.
func (e *effects) socks(l *net.TCPListener) (q socksRequest) {
	e.Helper()
	nc := e.accept(l, 0)
	q.from = nc.RemoteAddr().(*net.TCPAddr).IP.String()
	read := func(n int) []byte {
		b := make([]byte, n)
		_, err := io.ReadFull(nc, b)
		e.ok(err)
		return b
	}
	short := func() string { return string(read(int(read(1)[0]))) }
	method := byte(0)
	if strings.IndexByte(string(read(int(read(2)[1]))), 2) >= 0 {
		method = 2
	}
	nc.Write([]byte{5, method})
	if method == 2 {
		read(1)
		q.user, q.password = short(), short()
		nc.Write([]byte{1, 0})
	}
	switch read(4)[3] {
	case 1:
		q.address = net.IP(read(4)).String()
	case 3:
		q.address = short()
	}
	q.port = int(binary.BigEndian.Uint16(read(2)))
	nc.Write([]byte{5, 0, 0, 1, 127, 0, 0, 1, 0, 1})
	return q
}

func effectSocks(e *effects) {
	l, endpoint := e.rawListener()
	s := e.a("PULL", setting{"SOCKS_PROXY", strings.TrimPrefix(endpoint, "tcp://")})
	e.none(s.connect("tcp://192.0.2.7:4711"))
	if q := e.socks(l); q != (socksRequest{from: "127.0.0.1", address: "192.0.2.7", port: 4711}) {
		e.Fatalf("the proxy got %+v", q)
	}
}

func effectSocksLogin(e *effects) {
	l, endpoint := e.rawListener()
	s := e.a("PULL", setting{"SOCKS_PROXY", strings.TrimPrefix(endpoint, "tcp://")}, setting{"SOCKS_USERNAME", "joe"}, setting{"SOCKS_PASSWORD", "secret"})
	e.none(s.connect("tcp://192.0.2.7:4711"))
	if q := e.socks(l); q != (socksRequest{"127.0.0.1", "joe", "secret", "192.0.2.7", 4711}) {
		e.Fatalf("the proxy got %+v", q)
	}
}

// spare is a listener for effectUseFD, which libzmq's process inherits as descriptor 3.
func (e *effects) spare() []*os.File {
	e.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	e.ok(err)
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	e.ok(err)
	e.Cleanup(func() { f.Close() })
	e.spareAt, e.spareFD = "tcp://"+l.Addr().String(), 3
	return []*os.File{f}
}

func effectUseFD(e *effects) {
	if !e.libzmq {
		f := e.spare()[0]
		fd, err := unix.Dup(int(f.Fd())) // the socket owns and closes it
		e.ok(err)
		e.spareFD = fd
	}
	s := e.a("PULL", setting{"USE_FD", e.spareFD})
	_, errno := s.bind(e.spareAt)
	e.none(errno)
	if !e.dialRaw(e.spareAt).greeted() {
		e.Fatal("hung up")
	}
}

func effectKernel(e *effects) {
	for _, c := range []struct {
		settings    []setting
		level, name int
		want        int
	}{
		{[]setting{{"SNDBUF", 0}}, unix.SOL_SOCKET, unix.SO_SNDBUF, 4608}, // Linux's least
		{[]setting{{"RCVBUF", 0}}, unix.SOL_SOCKET, unix.SO_RCVBUF, 2304},
		{[]setting{{"SNDBUF", 5000}}, unix.SOL_SOCKET, unix.SO_SNDBUF, 10_000}, // Linux counts twice
		{[]setting{{"RCVBUF", 5000}}, unix.SOL_SOCKET, unix.SO_RCVBUF, 10_000},
		{[]setting{{"TOS", 0x20}}, unix.IPPROTO_IP, unix.IP_TOS, 0x20},
		{[]setting{{"TCP_KEEPALIVE", 1}}, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{[]setting{{"TCP_KEEPALIVE", 0}}, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0},
		{[]setting{{"TCP_KEEPALIVE", 1}, {"TCP_KEEPALIVE_CNT", 4}}, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 4},
		{[]setting{{"TCP_KEEPALIVE", 1}, {"TCP_KEEPALIVE_IDLE", 77}}, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 77},
		{[]setting{{"TCP_KEEPALIVE", 1}, {"TCP_KEEPALIVE_INTVL", 33}}, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 33},
		{[]setting{{"TCP_MAXRT", 5000}}, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 5000},
	} {
		accepting := e.a("PULL", c.settings...)
		bound := e.bindAny(accepting)
		e.dialRaw(bound).handshake("PUSH")
		l, endpoint := e.rawListener()
		e.none(e.a("PULL", c.settings...).connect(endpoint))
		e.raw(e.accept(l, 0)).handshake("PUSH")
		for what, fd := range map[string]int{"accepted": e.accepted(endpointPort(bound)), "dialled": e.dialled(endpointPort(endpoint))} {
			if got, err := unix.GetsockoptInt(fd, c.level, c.name); got != c.want || err != nil {
				e.Errorf("%v, %s: the kernel has %d, %v", c.settings, what, got, err)
			}
		}
	}
	device := setting{"BINDTODEVICE", "lo"}
	bound := e.bindAny(e.a("PULL", device))
	l, endpoint := e.rawListener()
	e.none(e.a("PULL", device).connect(endpoint))
	e.raw(e.accept(l, 0)).handshake("PUSH")
	for what, fd := range map[string]int{"listening": e.listener(endpointPort(bound)), "dialled": e.dialled(endpointPort(endpoint))} {
		if got, err := unix.GetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE); got != "lo" || err != nil {
			e.Errorf("BINDTODEVICE, %s: the kernel has %q, %v", what, got, err)
		}
	}
}

func effectBacklog(e *effects) {
	for n, want := range map[int]uint32{7: 7, 0: 0} {
		fd := e.listener(endpointPort(e.bindAny(e.a("PULL", setting{"BACKLOG", n}))))
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		e.ok(err)
		got := info.Sacked // of a listener: what its queue may hold
		if n == 0 && !e.libzmq {
			if got < 100 {
				e.Fatalf("BACKLOG 0: the kernel has %d", got)
			}
		} else if got != want {
			e.Fatalf("BACKLOG %d: the kernel has %d", n, got)
		}
	}
}

// effectMulticast lets a publisher send 80 kB at 50 kB/s in packets of 500 bytes, and
// reads them from the wire.
func effectMulticast(e *effects) {
	endpoint := pgmEndpoint(e.T)
	wire := e.joinGroup(endpoint[strings.IndexByte(endpoint, ';')+1:])
	pub := e.a("PUB", setting{"RATE", 400}, setting{"MULTICAST_HOPS", 7}, setting{"MULTICAST_MAXTPDU", 500})
	e.none(pub.connect(endpoint))
	const size = 80_000
	began := time.Now()
	e.say(pub, strings.Repeat("x", size))
	longest, packet := 0, make([]byte, 65536)
	for got := 0; got < size; {
		n, _, err := wire.ReadFrom(packet)
		e.ok(err)
		if n > 100 { // data, not a source path message
			got += n
		}
		longest = max(longest, n)
	}
	if longest > 500 || longest < 400 {
		e.Errorf("the longest packet has %d bytes", longest)
	}
	// What may go in a second goes at once, the rest at the rate.
	if d := time.Since(began); d < 300*time.Millisecond {
		e.Errorf("%d bytes took %v", size, d)
	}
	e.descriptor("a socket with 7 hops", func(fd int) bool {
		n, err := unix.GetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_TTL)
		return err == nil && n == 7
	})
}

// joinGroup receives what is sent to a group over the loopback interface, beside others
// who do: OpenPGM binds its port so that others may, too, and expects the same of them.
func (e *effects) joinGroup(group string) net.PacketConn {
	e.Helper()
	at, err := net.ResolveUDPAddr("udp4", group)
	e.ok(err)
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return errors.Join(c.Control(func(fd uintptr) {
			err = errors.Join(
				unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
				unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
				unix.SetsockoptIPMreq(int(fd), unix.IPPROTO_IP, unix.IP_ADD_MEMBERSHIP,
					&unix.IPMreq{Multiaddr: [4]byte(at.IP.To4()), Interface: [4]byte{127, 0, 0, 1}}),
			)
		}), err)
	}}
	wire, err := lc.ListenPacket(e.ctx, "udp4", group)
	e.ok(err)
	e.Cleanup(func() { wire.Close() })
	deadline, _ := e.ctx.Deadline()
	e.ok(wire.SetReadDeadline(deadline))
	return wire
}
