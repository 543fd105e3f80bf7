//go:build unix

package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

// SendBuffer is how many bytes the kernel takes for c before it has a writer wait, 0 where
// it does not say.
func SendBuffer(c net.Conn) (n int) {
	if raw := Raw(c); raw != nil {
		_ = raw.Control(func(fd uintptr) { n, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF) })
	}
	return max(n, 0)
}
