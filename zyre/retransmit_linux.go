package zyre

import (
	"net"
	"syscall"
	"time"
)

// Of linux/tcp.h.
const (
	tcpUserTimeout = 18
	tcpRTOMax      = 44 // TCP_RTO_MAX_MS, since 6.15
)

// retransmit has the kernel send again each second, at most, what has not been
// acknowledged, for at least so long. By default it doubles the pauses up to two minutes,
// so that after an outage of 16 s nothing would move for another 10; and with pauses of
// a second it would give up after 13 s. Kernels that can't do it keep their ways.
func retransmit(c net.Conn, atLeast time.Duration) {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	if raw, err := t.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(atLeast.Milliseconds())) == nil {
				_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpRTOMax, 1000)
			}
		})
	}
}
