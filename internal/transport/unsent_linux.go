package transport

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Unsent is how many bytes written to c the other side has not taken yet: for
// tcp not acknowledged by its kernel, for ipc not read by its program, with
// the kernel's overhead. Zero is exact. It is false where the system does not
// tell.
func Unsent(c net.Conn) (int, bool) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	var n int
	failed := raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
	return n, failed == nil && err == nil
}
