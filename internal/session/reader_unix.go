//go:build unix

package session

import (
	"io"
	"os"
	"syscall"
)

const rawReads = true

// rawLoop reads a descriptor. Everything happens inside one callback of the
// poller: it is parked, without a buffer, while there is nothing to read. It
// always reads until the kernel has nothing left before it parks, since the
// poller reports edges: an end of file that was already there when a short read
// returned would otherwise never be heard of.
func (rd *reader) rawLoop(raw syscall.RawConn) (err error) {
	rerr := raw.Read(func(fd uintptr) bool {
		for {
			n, e := syscall.Read(int(fd), rd.space())
			switch {
			case e == syscall.EINTR:
				continue
			case e == syscall.EAGAIN:
				rd.park()
				return false
			case e != nil:
				err = os.NewSyscallError("read", e)
				return true
			case n == 0:
				err = io.EOF
				return true
			}
			rd.begin()
			if err = rd.got(n); err != nil {
				return true
			}
		}
	})
	if err == nil {
		err = rerr
	}
	return err
}
