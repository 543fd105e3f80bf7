//go:build unix

package zmq_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/user"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// Only peers whose address is in one of the ranges get in; others are hung up on at
// once, with an event that says who.
func TestTCPAcceptFilter(t *testing.T) {
	k := alone(t, "tcp")
	for _, c := range []struct {
		ranges []string
		in     bool
	}{
		{[]string{"127.0.0.0/8"}, true},
		{[]string{"10.0.0.0/8", "127.0.0.1"}, true},
		{[]string{"::1", "0.0.0.0/0"}, true},
		{[]string{"10.1.2.3/8"}, false},
		{[]string{"127.0.0.2"}, false},
		{[]string{"::/0"}, false},
	} {
		pull := k.open(zmq.Pull, zmq.WithTCPAcceptFilter("127.0.0.3"), zmq.WithTCPAcceptFilter(), zmq.WithTCPAcceptFilter(c.ranges...))
		events := k.watch(pull, zmq.EventAccepted|zmq.EventAcceptFailed)
		endpoint, err := pull.Bind("tcp://127.0.0.1:*")
		k.ok(err)
		push := k.open(zmq.Push)
		k.ok(push.Connect(endpoint, zmq.WithReconnectInterval(time.Hour, 0)))
		e := events.next()
		if (e.Kind == zmq.EventAccepted) != c.in {
			t.Errorf("%v: %v", c.ranges, e)
		}
		if !c.in {
			k.mentions(e.Err, "127.0.0.1", c.ranges[0][:2])
			if e.Value != uint32(syscall.EACCES) {
				t.Errorf("the value is %d", e.Value)
			}
		}
	}
}

// pipeListener accepts one connection, whose other end has an address of some form.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
}

type formed struct {
	net.Conn
	remote net.Addr
}

func (c formed) RemoteAddr() net.Addr { return c.remote }

type textAddr string

func (textAddr) Network() string  { return "tcp" }
func (a textAddr) String() string { return string(a) }

func (l *pipeListener) Accept() (net.Conn, error) {
	if c, ok := <-l.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.conns) }); return nil }
func (l *pipeListener) Addr() net.Addr { return textAddr("10.0.0.1:1") }

// An address of another type than those of package net is read; what has none is kept out.
func TestTCPAcceptFilterOtherAddresses(t *testing.T) {
	k := alone(t, "tcp")
	for addr, in := range map[net.Addr]bool{
		textAddr("10.1.2.3:4"): true, textAddr("[::ffff:10.1.2.3]:4"): true, textAddr("11.1.2.3:4"): false,
		textAddr("pipe"): false, textAddr(""): false, &net.IPAddr{IP: net.IPv4(10, 1, 2, 3)}: true, nil: false,
	} {
		pull := k.open(zmq.Pull, zmq.WithTCPAcceptFilter("10.0.0.0/8"))
		events := k.watch(pull, zmq.EventAccepted|zmq.EventAcceptFailed)
		l := &pipeListener{conns: make(chan net.Conn, 1)}
		here, there := net.Pipe()
		defer there.Close()
		l.conns <- formed{here, addr}
		_, err := pull.Bind("tcp://10.0.0.1:1", zmq.WithListener(l))
		k.ok(err)
		if e := events.next(); (e.Kind == zmq.EventAccepted) != in {
			t.Errorf("%v: %v", addr, e)
		}
	}
}

// A process, a user or a group that is on one of the lists gets in over ipc.
func TestIPCFilters(t *testing.T) {
	k := alone(t, "ipc")
	uid, gid, pid := os.Getuid(), os.Getgid(), os.Getpid()
	cases := []struct {
		opts []zmq.Option
		in   bool
	}{
		{[]zmq.Option{zmq.WithIPCFilterUID(uid)}, true},
		{[]zmq.Option{zmq.WithIPCFilterUID(uid+1, uid)}, true},
		{[]zmq.Option{zmq.WithIPCFilterGID(gid)}, true},
		{[]zmq.Option{zmq.WithIPCFilterPID(pid)}, true},
		{[]zmq.Option{zmq.WithIPCFilterPID(pid + 1), zmq.WithIPCFilterUID(uid)}, true},
		{[]zmq.Option{zmq.WithIPCFilterUID(uid + 1), zmq.WithIPCFilterUID()}, true},
		{[]zmq.Option{zmq.WithIPCFilterUID(uid + 1)}, false},
		{[]zmq.Option{zmq.WithIPCFilterGID(gid + 12345)}, false},
		{[]zmq.Option{zmq.WithIPCFilterPID(pid + 1)}, false},
	}
	if extra, ok := supplementary(gid); ok {
		cases = append(cases, struct {
			opts []zmq.Option
			in   bool
		}{[]zmq.Option{zmq.WithIPCFilterGID(extra)}, true})
	}
	for i, c := range cases {
		pull := k.open(zmq.Pull, c.opts...)
		events := k.watch(pull, zmq.EventAccepted|zmq.EventAcceptFailed)
		push := k.open(zmq.Push)
		k.ok(push.Connect(k.bind(pull), zmq.WithReconnectInterval(time.Hour, 0)))
		if e := events.next(); (e.Kind == zmq.EventAccepted) != c.in {
			t.Errorf("case %d: %v", i, e)
		}
	}
}

// supplementary is a group of ours that is not our own.
func supplementary(own int) (int, bool) {
	u, err := user.Current()
	if err != nil {
		return 0, false
	}
	groups, _ := u.GroupIds()
	for _, g := range groups {
		if n, err := strconv.Atoi(g); err == nil && n != own {
			return n, true
		}
	}
	return 0, false
}

// The filters of one transport say nothing about the other.
func TestFiltersOfTheOtherTransport(t *testing.T) {
	k := newKit(t, "ipc")
	pull := k.open(zmq.Pull, zmq.WithTCPAcceptFilter("10.0.0.0/8"))
	push := k.connect(zmq.Push, k.bind(pull))
	k.send(push, "hello")
	k.want(pull, "hello")
	k = newKit(t, "tcp")
	pull = k.open(zmq.Pull, zmq.WithIPCFilterUID(os.Getuid()+1))
	push = k.connect(zmq.Push, k.bind(pull))
	k.send(push, "hello")
	k.want(pull, "hello")
}

// A descriptor that another program has bound serves as well, and is closed by Unbind.
func TestUseFD(t *testing.T) {
	k := alone(t, "tcp")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	address := l.Addr().String()
	f, err := l.(*net.TCPListener).File()
	k.ok(err)
	fd, err := syscall.Dup(int(f.Fd()))
	k.ok(err)
	f.Close()
	l.Close()
	pull := k.open(zmq.Pull)
	bound, err := pull.Bind("tcp://127.0.0.1:1", zmq.WithUseFD(fd))
	k.ok(err)
	if bound != "tcp://"+address {
		t.Errorf("bound to %s, want %s", bound, address)
	}
	push := k.connect(zmq.Push, bound)
	k.send(push, "hello")
	k.want(pull, "hello")
	k.ok(pull.Unbind(bound))
	again, err := net.Listen("tcp", address)
	k.ok(err)
	again.Close()
	_, err = pull.Bind("tcp://127.0.0.1:1", zmq.WithUseFD(1<<20))
	if err == nil {
		t.Error("a descriptor that is none was adopted")
	}
}

// Connections go through a SOCKS5 proxy, which is told the name as it is and the
// password.
func TestSocksProxy(t *testing.T) {
	k := alone(t, "tcp")
	pull, endpoint := k.bound(zmq.Pull)
	proxy := newSocks(k, endpoint[len("tcp://"):], "joe", "secret")
	push := k.open(zmq.Push, zmq.WithSocksProxy(proxy.l.Addr().String()), zmq.WithSocksLogin("joe", "secret"))
	k.ok(push.Connect("tcp://no-such-host.invalid:7777"))
	k.send(push, "hello")
	k.want(pull, "hello")
	if got := <-proxy.asked; got != "no-such-host.invalid:7777" {
		t.Errorf("the proxy was asked for %s", got)
	}

	wrong := k.open(zmq.Push, zmq.WithSocksProxy(proxy.l.Addr().String()), zmq.WithSocksLogin("joe", "wrong!"))
	events := k.watch(wrong, zmq.EventConnectRetried)
	k.ok(wrong.Connect("tcp://no-such-host.invalid:7777"))
	if e := events.next(); e.Err == nil {
		t.Errorf("event %v does not say why", e)
	} else if text := e.Err.Error(); len(text) == 0 {
		t.Error("no text")
	}
}

// socks is a SOCKS5 server that leads to one address whatever it is asked for.
type socks struct {
	l     net.Listener
	asked chan string
}

func newSocks(k *kit, to, user, password string) *socks {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	k.ok(err)
	s := &socks{l: l, asked: make(chan string, 10)}
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Add(1)
			go func() {
				defer all.Done()
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(ztest.Patience))
				if s.greet(c, user, password) != nil {
					return
				}
				s.relay(c, to)
			}()
		}
	}()
	k.Cleanup(func() { l.Close(); all.Wait() })
	return s
}

// greet speaks RFC 1928 and RFC 1929.
func (s *socks) greet(c net.Conn, user, password string) error {
	b := make([]byte, 512)
	if _, err := io.ReadFull(c, b[:2]); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, b[:b[1]]); err != nil {
		return err
	}
	if _, err := c.Write([]byte{5, 2}); err != nil { // user name and password
		return err
	}
	if _, err := io.ReadFull(c, b[:2+len(user)+1+len(password)]); err != nil {
		return err
	}
	if string(b[2:2+len(user)]) != user || string(b[3+len(user):3+len(user)+len(password)]) != password {
		_, _ = c.Write([]byte{1, 1})
		return errors.New("not the password")
	}
	if _, err := c.Write([]byte{1, 0}); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, b[:5]); err != nil {
		return err
	}
	name := b[5 : 5+int(b[4])+2]
	if b[3] != 3 { // a name, not an address
		return errors.New("the name was resolved already")
	}
	if _, err := io.ReadFull(c, name); err != nil {
		return err
	}
	port := int(name[len(name)-2])<<8 | int(name[len(name)-1])
	s.asked <- net.JoinHostPort(string(name[:len(name)-2]), strconv.Itoa(port))
	_, err := c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return err
}

func (s *socks) relay(c net.Conn, to string) {
	d, err := net.Dial("tcp", netip.MustParseAddrPort(to).String())
	if err != nil {
		return
	}
	defer d.Close()
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(d, c)
		d.Close()
		close(done)
	}()
	_, _ = io.Copy(c, d)
	c.Close()
	<-done
}

// What WithReconnectStop may stop at, and what it does not.
func TestReconnectStop(t *testing.T) {
	networked(t, func(k *kit) {
		again := zmq.WithReconnectInterval(2*time.Millisecond, 0)
		t.Run("refused", func(t *testing.T) {
			push := k.open(zmq.Push, again, zmq.WithReconnectStop(zmq.ReconnectStopConnRefused))
			if k.scheme == "ipc" { // a socket file nobody listens on
				return
			}
			events := k.watch(push, zmq.EventClosed|zmq.EventConnectRetried)
			endpoint := k.endpoint()
			k.ok(k.dial(push, endpoint))
			events.sequence(zmq.EventClosed)
			k.until("it is over", func() bool { return len(push.Peers()) == 0 })
			pull := k.open(zmq.Pull)
			_, err := k.listen(pull, endpoint)
			k.ok(err)
			k.ok(k.dial(push, endpoint)) // a new start
			k.send(push, "hello")
			k.want(pull, "hello")
		})
		t.Run("handshake", func(t *testing.T) {
			_, endpoint := k.bound(zmq.Pub)
			push := k.open(zmq.Push, again, zmq.WithReconnectStop(zmq.ReconnectStopHandshakeFailed))
			events := k.watch(push, zmq.EventDisconnected|zmq.EventConnectRetried)
			k.ok(k.dial(push, endpoint))
			events.sequence(zmq.EventDisconnected)
			k.until("it is over", func() bool { return len(push.Peers()) == 0 })
		})
		t.Run("after disconnect", func(t *testing.T) {
			pull, endpoint := k.bound(zmq.Pull)
			push := k.open(zmq.Push, again, zmq.WithReconnectStop(zmq.ReconnectStopAfterDisconnect), zmq.WithLinger(zmq.Forever))
			events := k.watch(push, zmq.EventDisconnected|zmq.EventConnectRetried)
			k.ok(k.dial(push, endpoint))
			k.ok(push.WaitConnected(k.ctx, 1))
			k.ok(pull.Close())
			events.sequence(zmq.EventDisconnected, zmq.EventConnectRetried) // a loss is no disconnect
			k.send(push, "nobody is there")
			k.ok(push.Disconnect(endpoint)) // does not wait for ever
			if n := push.Stats().Drops.Total(); n != 1 {
				k.Errorf("%d messages counted as dropped, want 1", n)
			}
		})
		t.Run("not", func(t *testing.T) {
			push := k.open(zmq.Push, again, zmq.WithReconnectStop(zmq.ReconnectStopAfterDisconnect|zmq.ReconnectStopHandshakeFailed))
			events := k.watch(push, zmq.EventConnectRetried)
			k.ok(k.dial(push, k.endpoint()))
			events.sequence(zmq.EventConnectRetried, zmq.EventConnectRetried)
		})
	})
}
