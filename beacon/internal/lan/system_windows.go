package lan

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// SharePort lets every beacon of the host listen on one port. On Windows
// SO_REUSEADDR alone does what SO_REUSEPORT does elsewhere.
func SharePort(_, _ string, c syscall.RawConn) error {
	var err error
	controlErr := c.Control(func(fd uintptr) {
		err = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_REUSEADDR, 1)
	})
	return errors.Join(controlErr, err)
}

// TooLong reports the error by which Windows says that a datagram did not fit
// the buffer.
func TooLong(err error) bool { return errors.Is(err, windows.WSAEMSGSIZE) }
