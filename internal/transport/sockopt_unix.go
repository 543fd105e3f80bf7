//go:build unix

package transport

import (
	"fmt"
	"net"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// control sets what must be set before bind and connect: buffers, because
// they decide the window scale that the SYN announces, and what routes the SYN
// itself.
func (o Options) control(network string, c syscall.RawConn, reuse bool) error {
	var err error
	failed := c.Control(func(fd uintptr) { err = o.prepare(int(fd), network, reuse) })
	if failed != nil {
		return failed
	}
	return err
}

func (o Options) prepare(fd int, network string, reuse bool) error {
	v6 := strings.HasSuffix(network, "6")
	for _, s := range [...]struct {
		name              string
		wanted            bool
		level, key, value int
	}{
		{"SO_SNDBUF", o.SndBuf >= 0, unix.SOL_SOCKET, unix.SO_SNDBUF, o.SndBuf},
		{"SO_RCVBUF", o.RcvBuf >= 0, unix.SOL_SOCKET, unix.SO_RCVBUF, o.RcvBuf},
		{"SO_REUSEADDR", reuse, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1},
		{"IP_TOS", o.TOS > 0 && !v6, unix.IPPROTO_IP, unix.IP_TOS, o.TOS},
		{"IPV6_TCLASS", o.TOS > 0 && v6, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, o.TOS},
	} {
		if !s.wanted {
			continue
		}
		if err := unix.SetsockoptInt(fd, s.level, s.key, s.value); err != nil {
			return fmt.Errorf("set %s to %d: %w", s.name, s.value, err)
		}
	}
	if err := o.prioritize(fd); err != nil {
		return err
	}
	return bindToDevice(fd, o.BindToDevice)
}

// maxBacklog is more than any system grants; each cuts it to its own limit.
const maxBacklog = 1<<16 - 1

func backlog(n int) int {
	if n <= 0 {
		return maxBacklog
	}
	return n
}

// setBacklog listens again: package net has listened with the system's
// maximum, and a second listen changes nothing but the length of the queue.
func setBacklog(l *net.TCPListener, n int) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = unix.Listen(int(fd), backlog(n)) })
	if failed != nil {
		return failed
	}
	return err
}
