//go:build unix

package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

// CanAwait reports whether Await waits.
const CanAwait = true

// Readable reports that a read of c would return at once.
func Readable(c net.Conn) (is bool) {
	raw := Raw(c)
	if raw == nil || raw.Control(func(fd uintptr) { is = readable(fd) }) != nil {
		return true
	}
	return is
}

// Await returns when a read of c would return at once, be it with an error. Nothing is
// read, so that no buffer waits with it.
func Await(c net.Conn) {
	if raw := Raw(c); raw != nil {
		_ = raw.Read(readable)
	}
}

// readable asks the system. What can't be told is left for the read to tell.
func readable(fd uintptr) bool {
	p := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(p[:], 0)
	return n != 0 || err != nil
}
