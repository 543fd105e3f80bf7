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

// prioritize sets what decides how packets queue.
func (o Options) prioritize(fd int) error {
	for _, s := range [...]struct {
		name       string
		key, value int
	}{{"SO_PRIORITY", unix.SO_PRIORITY, o.Priority}, {"SO_BUSY_POLL", unix.SO_BUSY_POLL, o.BusyPoll}} {
		if s.value <= 0 {
			continue
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, s.key, s.value); err != nil {
			return fmt.Errorf("set %s to %d: %w", s.name, s.value, err)
		}
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
