package transport

import (
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

func bindToDevice(fd int, device string) error {
	if device == "" {
		return nil
	}
	if err := unix.BindToDevice(fd, device); err != nil {
		return fmt.Errorf("bind to device %q: %w", device, err)
	}
	return nil
}

// setUserTimeout is for connected sockets only: set earlier it would also
// bound the attempt to connect, which ConnectTimeout does.
func setUserTimeout(c *net.TCPConn, d time.Duration) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	ms := max(int(d.Milliseconds()), 1)
	failed := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, ms)
	})
	if failed != nil {
		return failed
	}
	return err
}
