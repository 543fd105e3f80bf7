package transport

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onSocket runs f with the descriptor of a connection or listener.
func onSocket(t *testing.T, c any, f func(fd int)) {
	t.Helper()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { f(int(fd)) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func sockopt(t *testing.T, c any, level, key int) (n int) {
	t.Helper()
	onSocket(t, c, func(fd int) {
		var err error
		if n, err = unix.GetsockoptInt(fd, level, key); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestOptionsReachTheSocket(t *testing.T) {
	o := v6(t)
	o.SndBuf, o.RcvBuf = 20000, 30000
	o.KeepAlive, o.KeepAliveCnt, o.KeepAliveIdle, o.KeepAliveIntvl = 1, 3, 40, 5
	o.TOS, o.MaxRT = 0x28, 1500*time.Millisecond
	o.Priority = 6
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		l := listen(t, "tcp://"+host+":*", o)
		a, b := join(t, l, l.Endpoint(), o)
		tos := [2]int{unix.IPPROTO_IP, unix.IP_TOS}
		if host == "[::1]" {
			tos = [2]int{unix.IPPROTO_IPV6, unix.IPV6_TCLASS}
		}
		for side, c := range map[string]net.Conn{"dialed": a, "accepted": b} {
			for name, w := range map[string][3]int{
				"SO_SNDBUF":     {unix.SOL_SOCKET, unix.SO_SNDBUF, 40000}, // Linux doubles
				"SO_RCVBUF":     {unix.SOL_SOCKET, unix.SO_RCVBUF, 60000},
				"SO_KEEPALIVE":  {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
				"TCP_KEEPCNT":   {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
				"TCP_KEEPIDLE":  {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 40},
				"TCP_KEEPINTVL": {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 5},
				"USER_TIMEOUT":  {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 1500},
				"TCP_NODELAY":   {unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
				"SO_PRIORITY":   {unix.SOL_SOCKET, unix.SO_PRIORITY, 6},
				"TOS":           {tos[0], tos[1], 0x28},
			} {
				if got := sockopt(t, c, w[0], w[1]); got != w[2] {
					t.Errorf("%s %s: %s is %d, want %d", host, side, name, got, w[2])
				}
			}
		}
	}
}

// Buffers of 0 are the least that Linux has, as in libzmq; -1 leaves the system's.
func TestSmallestBuffers(t *testing.T) {
	o := v6(t)
	o.SndBuf, o.RcvBuf = 0, 0
	for _, ep := range []string{"tcp://127.0.0.1:*", "ipc://*"} {
		l := listen(t, ep, o)
		a, b := join(t, l, l.Endpoint(), o)
		for side, c := range map[string]net.Conn{"dialed": a, "accepted": b} {
			snd, rcv := sockopt(t, c, unix.SOL_SOCKET, unix.SO_SNDBUF), sockopt(t, c, unix.SOL_SOCKET, unix.SO_RCVBUF)
			if snd > 10_000 || rcv > 10_000 {
				t.Errorf("%s %s: the buffers have %d and %d bytes", ep, side, snd, rcv)
			}
		}
	}
}

func TestDefaultsLeaveTheSystem(t *testing.T) {
	l := listen(t, "tcp://127.0.0.1:*", Defaults())
	a, b := join(t, l, l.Endpoint(), Defaults())
	for side, c := range map[string]net.Conn{"dialed": a, "accepted": b} {
		if sockopt(t, c, unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 0 {
			t.Errorf("%s: keepalive is on by itself", side)
		}
		if sockopt(t, c, unix.SOL_SOCKET, unix.SO_PROTOCOL) != unix.IPPROTO_TCP {
			t.Errorf("%s: not plain TCP", side)
		}
		if sockopt(t, c, unix.IPPROTO_TCP, unix.TCP_NODELAY) != 1 {
			t.Errorf("%s: TCP_NODELAY is off", side)
		}
	}
}

// For a listening socket the kernel reports the length of its queue in the
// field that counts SACKed segments of a connected one.
func TestTCPBacklog(t *testing.T) {
	for _, want := range []int{1, 7, 100} {
		o := Defaults()
		o.Backlog = want
		l := listen(t, "tcp://127.0.0.1:*", o)
		onSocket(t, l, func(fd int) {
			info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
			if err != nil || int(info.Sacked) != want {
				t.Errorf("the queue's length is %d, %v; want %d", info.Sacked, err, want)
			}
		})
	}
}

func TestIPCBacklog(t *testing.T) {
	o := Defaults()
	o.Backlog = 3
	l := listen(t, "ipc://*", o)
	for n := range 10 {
		c, err := Dial(t.Context(), parse(t, l.Endpoint()), o)
		if err != nil {
			// Linux admits one more than the queue's length.
			if n != o.Backlog+1 || !errors.Is(err, syscall.EAGAIN) {
				t.Fatalf("connection %d: %v", n, err)
			}
			return
		}
		defer c.Close()
	}
	t.Fatal("the queue has no end")
}

// A full queue is a sign of life.
func TestIPCFullQueueIsAlive(t *testing.T) {
	o := Defaults()
	o.Backlog = 1
	l := listen(t, "ipc://*", o)
	for {
		c, err := Dial(t.Context(), parse(t, l.Endpoint()), o)
		if err != nil {
			break
		}
		defer c.Close()
	}
	if _, err := Listen(t.Context(), parse(t, l.Endpoint()), o); !errors.Is(err, ErrAddrInUse) {
		t.Fatalf("%v", err)
	}
	if _, err := os.Lstat(parse(t, l.Endpoint()).Path); err != nil {
		t.Fatal(err)
	}
}

func TestCredentials(t *testing.T) {
	want := PeerCred{PID: os.Getpid(), UID: uint32(os.Getuid()), GID: uint32(os.Getgid())}
	for _, s := range []string{"ipc://*", "ipc://@zactor-credentials" + time.Now().String()[20:29]} {
		l := listen(t, s, Defaults())
		a, b := join(t, l, l.Endpoint(), Defaults())
		for _, c := range []net.Conn{a, b} {
			if got, ok := Credentials(c); !ok || got != want {
				t.Errorf("%s: %+v, %v; want %+v", s, got, ok, want)
			}
		}
	}
	l := listen(t, "tcp://127.0.0.1:*", Defaults())
	a, _ := join(t, l, l.Endpoint(), Defaults())
	if _, ok := Credentials(a); ok {
		t.Error("credentials over tcp")
	}
}

func TestUnsent(t *testing.T) {
	for _, s := range []string{"tcp://127.0.0.1:*", "ipc://*"} {
		l := listen(t, s, Defaults())
		a, b := join(t, l, l.Endpoint(), Defaults())
		if n, ok := Unsent(a); n != 0 || !ok {
			t.Errorf("%s: fresh: %d, %v", s, n, ok)
		}
		// Nobody reads: some of this stays behind, however slow we are.
		if _, err := a.Write(make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
		flood := make([]byte, 32<<20)
		_ = a.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		for {
			if _, err := a.Write(flood); err != nil {
				break
			}
		}
		if n, ok := Unsent(a); n == 0 || !ok {
			t.Errorf("%s: full: %d, %v", s, n, ok)
		}
		buf := make([]byte, 1<<20)
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			_ = b.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			_, _ = b.Read(buf)
			if n, _ := Unsent(a); n == 0 {
				break
			}
		}
		if n, ok := Unsent(a); n != 0 || !ok {
			t.Errorf("%s: drained: %d, %v", s, n, ok)
		}
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, ok := Unsent(a); ok {
		t.Error("a pipe in memory has no kernel queue")
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(all)
}

func TestNoDescriptorIsLost(t *testing.T) {
	busy := listen(t, "tcp://127.0.0.1:*", Defaults())
	live := listen(t, "ipc://*", Defaults())
	cycle := func() {
		for _, s := range []string{"tcp://127.0.0.1:*", "ipc://*", "ipc://@zactor-descriptors"} {
			l, err := Listen(t.Context(), parse(t, s), Defaults())
			if err != nil {
				t.Fatal(err)
			}
			a, err := Dial(t.Context(), parse(t, l.Endpoint()), Defaults())
			if err != nil {
				t.Fatal(err)
			}
			b, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			_, _, _ = a.Close(), b.Close(), l.Close()
		}
		for _, s := range []string{busy.Endpoint(), live.Endpoint(), "ipc:///proc/self/cmdline", "ipc:///proc/none/s"} {
			if l, err := Listen(t.Context(), parse(t, s), Defaults()); err == nil {
				t.Errorf("bound %s", l.Endpoint())
			}
		}
		if c, err := live.Accept(); err == nil { // the probe's
			_ = c.Close()
		}
		o := Defaults()
		o.BindToDevice = "none"
		_, _ = Listen(t.Context(), parse(t, "tcp://*:*"), o)
		_, _ = Dial(t.Context(), parse(t, busy.Endpoint()), o)
	}
	cycle() // opens what the runtime keeps
	before := openFiles(t)
	for range 20 {
		cycle()
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// Descriptors really run out here: the listener stays open and serves the
// next peer as soon as there are some again.
func TestAcceptOutOfDescriptors(t *testing.T) {
	l := listen(t, "tcp://127.0.0.1:*", Defaults())
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Skip(err)
	}
	restore := func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &old) }
	defer restore()
	conns, errs, ended := make(chan net.Conn, 1), make(chan error, 100), make(chan struct{})
	// The dialing end gets its descriptor now, and connects when there is no
	// other left for the accepting end.
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	low := old
	low.Cur = 1
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Skip(err)
	}
	go func() {
		defer close(ended)
		AcceptLoop(t.Context(), l, func(c net.Conn) { conns <- c }, func(err error) { errs <- err })
	}()
	addr := l.(*tcpListener).Addr().(*net.TCPAddr)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: addr.Port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Error(err)
	}
	if err := <-errs; !errors.Is(err, syscall.EMFILE) {
		t.Errorf("accept failed with %v", err)
	}
	restore()
	_ = (<-conns).Close()
	_ = l.Close()
	<-ended
}
