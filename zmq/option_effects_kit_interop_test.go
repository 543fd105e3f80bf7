//go:build interop && linux

package zmq_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/go-zactor/zactor/zmq"
)

// effects is what an option's effect is shown on: A has the option, and is ours or
// libzmq's; B is ours, and so are the raw peers.
type effects struct {
	*stage
	pid    int // of A's process
	libzmq bool

	spareAt string // where the spare listener listens, and its descriptor in A's process
	spareFD int
}

// effector is a conformer that can do what options are about.
type effector interface {
	conformer
	sendOwn(frames ...string) string // as long as the socket's own options say
	recvOwn() string
	leave() // closes with the socket's own linger time, and does not wait
	get(name string) string
	disconnect(endpoint string) string
	monitor(mask zmq.EventMask) nextEvent
}

// nextEvent is the next event of a monitor; its kind is 0 when none came in time.
type nextEvent func(d time.Duration) (kind zmq.EventMask, value int)

// a opens a socket of A's.
func (e *effects) a(typ string, options ...setting) effector {
	e.Helper()
	return e.A.open(typ, options...).(effector)
}

func (s theirSocket) sendOwn(frames ...string) string {
	for i, f := range frames {
		frames[i] = wide(f)
	}
	return s.do("send", map[string]any{"ms": nil, "frames": frames}).Error
}

func (s theirSocket) recvOwn() string        { return s.do("recv", map[string]any{"ms": nil}).Error }
func (s theirSocket) leave()                 { s.do("leave", nil) }
func (s theirSocket) get(name string) string { return s.do("get", map[string]any{"name": name}).Value }

func (s theirSocket) disconnect(endpoint string) string {
	return s.do("disconnect", map[string]any{"endpoint": endpoint}).Error
}

func (s theirSocket) monitor(mask zmq.EventMask) nextEvent {
	s.do("monitor", map[string]any{"mask": int(mask)})
	return func(d time.Duration) (zmq.EventMask, int) {
		r := s.do("event", map[string]any{"ms": d.Milliseconds()})
		n, _ := strconv.Atoi(r.Value)
		return zmq.EventMask(r.Kind), n
	}
}

func (o ourSocket) sendOwn(frames ...string) string {
	return errnoOf(o.s.SendString(context.Background(), frames...))
}

func (o ourSocket) recvOwn() string {
	_, err := o.s.Recv(context.Background())
	return errnoOf(err)
}

func (o ourSocket) leave() {
	done := make(chan struct{})
	go func() { defer close(done); o.s.Close() }()
	o.k.Cleanup(func() { <-done })
}

func (o ourSocket) get(name string) string {
	v, err := o.s.Option(name)
	o.k.ok(err)
	if text, ok := v.(string); ok {
		return text
	}
	return readAnswer(v, nil).Read
}

func (o ourSocket) disconnect(endpoint string) string { return errnoOf(o.s.Disconnect(endpoint)) }

func (o ourSocket) monitor(mask zmq.EventMask) nextEvent {
	w := o.k.watch(o.s, mask)
	return func(d time.Duration) (zmq.EventMask, int) {
		select {
		case ev := <-w.c:
			return ev.Kind, int(ev.Value)
		case <-time.After(d):
			return 0, 0
		}
	}
}

// descriptor is a duplicate of the descriptor of A's process that fits.
func (e *effects) descriptor(what string, fits func(fd int) bool) int {
	e.Helper()
	found := -1
	e.until(what, func() bool {
		found = e.searchDescriptor(fits)
		return found >= 0
	})
	e.Cleanup(func() { unix.Close(found) })
	return found
}

func (e *effects) searchDescriptor(fits func(fd int) bool) int {
	pidfd, err := unix.PidfdOpen(e.pid, 0)
	e.ok(err)
	defer unix.Close(pidfd)
	dir := fmt.Sprintf("/proc/%d/fd", e.pid)
	list, err := os.ReadDir(dir)
	e.ok(err)
	for _, f := range list {
		link, _ := os.Readlink(dir + "/" + f.Name())
		n, _ := strconv.Atoi(f.Name())
		if !strings.HasPrefix(link, "socket:") {
			continue
		}
		fd, err := unix.PidfdGetfd(pidfd, n, 0)
		if err != nil {
			continue // closed meanwhile
		}
		if fits(fd) {
			return fd
		}
		unix.Close(fd)
	}
	return -1
}

// portOf is the port of an address of tcp; 0 when there is none.
func portOf(sa unix.Sockaddr, err error) int {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return a.Port
	case *unix.SockaddrInet6:
		return a.Port
	}
	return 0
}

func flagOf(fd, level, name int) bool {
	n, err := unix.GetsockoptInt(fd, level, name)
	return err == nil && n != 0
}

// The descriptors of a listener, of a connection that it accepted, and of one that was
// dialled.
func (e *effects) listener(port int) int {
	e.Helper()
	return e.descriptor("a listener", func(fd int) bool {
		return portOf(unix.Getsockname(fd)) == port && flagOf(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	})
}

func (e *effects) accepted(port int) int {
	e.Helper()
	return e.descriptor("an accepted connection", func(fd int) bool {
		return portOf(unix.Getsockname(fd)) == port && !flagOf(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	})
}

func (e *effects) dialled(port int) int {
	e.Helper()
	return e.descriptor("a dialled connection", func(fd int) bool { return portOf(unix.Getpeername(fd)) == port })
}

func endpointPort(endpoint string) int {
	n, _ := strconv.Atoi(endpoint[strings.LastIndexByte(endpoint, ':')+1:])
	return n
}

// rawFrom is dialRaw from a local address.
func (e *effects) rawFrom(ip, endpoint string) *raw {
	e.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	nc, err := d.Dial("tcp", strings.TrimPrefix(endpoint, "tcp://"))
	e.ok(err)
	return e.raw(nc)
}

// greeted says whether a socket of A's greets us, or hangs up.
func (r *raw) greeted() bool {
	r.k.Helper()
	_, err := r.nc.Read(make([]byte, 1))
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		r.k.Fatal("neither a greeting nor the end came")
	}
	return err == nil
}

// rawListener listens, for A to dial.
func (e *effects) rawListener() (*net.TCPListener, string) {
	e.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	e.ok(err)
	e.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener), "tcp://" + l.Addr().String()
}

// accept takes the next connection; nil after d, if that is not 0.
func (e *effects) accept(l *net.TCPListener, d time.Duration) net.Conn {
	e.Helper()
	deadline, _ := e.ctx.Deadline()
	if d != 0 {
		deadline = time.Now().Add(d)
	}
	e.ok(l.SetDeadline(deadline))
	nc, err := l.Accept()
	if ne, ok := err.(net.Error); ok && ne.Timeout() && d != 0 {
		return nil
	}
	e.ok(err)
	e.Cleanup(func() { nc.Close() })
	return nc
}
