//go:build unix

package transport

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// CanAwait reports whether Await waits.
const CanAwait = true

// Readable reports that a read of c would return at once.
func Readable(c net.Conn) (is bool) {
	raw := rawOf(c)
	if raw == nil || raw.Control(func(fd uintptr) { is = readable(fd) }) != nil {
		return true
	}
	return is
}

// Await returns when a read of c would return at once, be it with an error. Nothing is
// read, so that no buffer waits with it.
func Await(c net.Conn) {
	if raw := rawOf(c); raw != nil {
		_ = raw.Read(readable)
	}
}

// rawOf is the descriptor of c, nil if it has none.
func rawOf(c net.Conn) syscall.RawConn {
	if sc, ok := c.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// readable asks the system. What can't be told is left for the read to tell.
func readable(fd uintptr) bool {
	p := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(p[:], 0)
	return n != 0 || err != nil
}
