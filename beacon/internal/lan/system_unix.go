//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lan

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// SharePort lets every beacon of the host, in any process, listen on one port.
// Broadcast and multicast datagrams go to all of them; a unicast datagram goes to
// one, so peers must not rely on it.
func SharePort(_, _ string, c syscall.RawConn) error {
	var errs error
	err := c.Control(func(fd uintptr) {
		errs = errors.Join(
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
			onlyOwnGroups(int(fd)),
		)
	})
	return errors.Join(err, errs)
}

// TooLong is never the case: these systems fill the buffer and drop the rest.
func TooLong(error) bool { return false }
