package lan

import "golang.org/x/sys/unix"

// onlyOwnGroups stops Linux from giving a socket the datagrams of groups that
// other sockets of the host have joined. A socket has one of the two families,
// and kernels before 4.20 have only the first option, so neither error matters.
func onlyOwnGroups(fd int) error {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0)
	return nil
}
