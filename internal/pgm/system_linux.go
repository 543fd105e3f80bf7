package pgm

import "golang.org/x/sys/unix"

// onlyOwnGroups stops Linux from giving a socket what other sockets of the host have
// joined: the same group on another interface. An old kernel that does not know the
// option is none the worse for it.
func onlyOwnGroups(fd int) {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0)
}
