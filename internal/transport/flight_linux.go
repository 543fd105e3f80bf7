package transport

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Look says how far what was written to c has come. ok is false where the system does
// not tell.
func Look(c net.Conn) (f Flight, ok bool) {
	sc, is := c.(syscall.Conn)
	if !is {
		return Flight{}, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return Flight{}, false
	}
	_, tcp := c.(*net.TCPConn)
	failed := raw.Control(func(fd uintptr) {
		if tcp {
			f.Exact = f.ask(int(fd))
		}
		f.Standing, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
	})
	return f, failed == nil && err == nil
}

// ask takes what TCP_INFO says. Systems that only pretend to be Linux leave it empty.
func (f *Flight) ask(fd int) bool {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil || info.Bytes_acked == 0 {
		return false
	}
	f.Acked, f.Unsent, f.Received = info.Bytes_acked, int(info.Notsent_bytes), info.Bytes_received
	return true
}

// Unread is how many bytes have come on c and wait for whoever reads it; 0 where the
// system does not tell.
func Unread(c net.Conn) (n int) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		if n, err = unix.IoctlGetInt(int(fd), unix.SIOCINQ); err != nil {
			n = 0
		}
	})
	return n
}
