package udp

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// prepare lets a socket receive only the multicast groups that it has joined itself,
// not those that others on this machine have, and ties it to an interface.
func prepare(fd int, device string) error {
	if device != "" {
		if err := syscall.SetsockoptString(fd, syscall.SOL_SOCKET, syscall.SO_BINDTODEVICE, device); err != nil {
			return fmt.Errorf("bind to device %s: %w", device, err)
		}
	}
	// Either may be refused, for a socket of the other family: then there is nothing
	// to set.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0)
	return nil
}
