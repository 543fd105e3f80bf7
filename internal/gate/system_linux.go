package gate

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Where SO_MEMINFO has what, in words of 32 bits (linux/sock_diag.h).
const (
	memHeld  = 0 // bytes that the socket's queue takes
	memMost  = 1 // and may take
	memDrops = 8 // datagrams that did not come in: there was no room, or the filter refused them
	memWords = 9
)

// system asks the system about a socket's queue.
type system struct {
	raw   syscall.RawConn
	words [memWords]uint32
	ok    bool
	ask   func(fd uintptr) // made once
}

func newSystem(raw syscall.RawConn) *system {
	s := &system{raw: raw}
	s.ask = func(fd uintptr) {
		size := uint32(unsafe.Sizeof(s.words))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&s.words)), uintptr(unsafe.Pointer(&size)), 0)
		s.ok = errno == 0 && size == uint32(unsafe.Sizeof(s.words))
	}
	return s
}

// look says which part of the queue is taken, and how many datagrams did not come into it
// since the socket was made, modulo 2^32.
func (s *system) look() (fill float64, drops uint32, ok bool) {
	s.ok = false
	if s.raw.Control(s.ask) != nil || !s.ok || s.words[memMost] == 0 {
		return 0, 0, false
	}
	return float64(s.words[memHeld]) / float64(s.words[memMost]), s.words[memDrops], true
}
