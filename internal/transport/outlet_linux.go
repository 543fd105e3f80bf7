package transport

import (
	"io"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxVec is how many pieces go into one system call.
const maxVec = 1024

// system is what one that writes to a descriptor keeps.
type system struct {
	vecs []unix.Iovec
	try  func(fd uintptr) bool // Outlet.attempt, made once
}

// raw writes to a descriptor. Everything happens inside one callback of the poller, as
// net.Conn's own Write does it, with the same system calls.
func (o *Outlet) raw(raw syscall.RawConn) bool {
	if o.try == nil {
		o.try = o.attempt
	}
	if err := raw.Write(o.try); err != nil {
		o.err = err
	}
	return true
}

// attempt writes until all is written or the kernel takes no more, which it has to say
// itself: the poller reports edges.
func (o *Outlet) attempt(fd uintptr) (done bool) {
	for o.left() {
		n, err := o.writev(int(fd))
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			if o.n > o.told {
				o.stall()
			}
			if o.left() {
				return false
			}
		case err != 0:
			o.err = os.NewSyscallError("writev", err)
			return true
		case n == 0:
			o.err = io.ErrUnexpectedEOF
			return true
		default:
			o.took(n)
		}
	}
	return true
}

// writev makes one system call.
func (o *Outlet) writev(fd int) (n int64, err syscall.Errno) {
	if o.vecs == nil {
		o.vecs = make([]unix.Iovec, 0, 8)
	}
	v, most := o.vecs[:0], min(len(o.rest), maxVec)
	for _, p := range o.rest[:most] {
		if len(p) == 0 {
			continue
		}
		var vec unix.Iovec
		vec.Base = unsafe.SliceData(p)
		vec.SetLen(len(p))
		v = append(v, vec)
	}
	o.vecs = v[:0]
	if len(v) == 0 { // empty pieces are written
		o.rest = o.rest[most:]
		return 0, unix.EINTR
	}
	r, _, err := syscall.Syscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(v))), uintptr(len(v)))
	clear(v)
	if err != 0 {
		return 0, err
	}
	return int64(r), 0
}
