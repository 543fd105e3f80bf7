//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package transport

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxPassedName is how long an endpoint may be that is passed with its listener.
const maxPassedName = 4 << 10

// Pass sends the descriptor of a tcp or ipc listener, and its endpoint, to another
// process. The listener stays open here, too.
func Pass(to *net.UnixConn, l Listener) error {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return fmt.Errorf("%w: the listener of %s has no descriptor", ErrNoTransport, l.Endpoint())
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) {
		_, _, err = to.WriteMsgUnix([]byte(l.Endpoint()), unix.UnixRights(int(fd)), nil)
	})
	return errors.Join(failed, err)
}

// Passed receives what Pass has sent. The descriptor is the caller's.
func Passed(from *net.UnixConn) (fd int, endpoint string, err error) {
	name, rights := make([]byte, maxPassedName), make([]byte, unix.CmsgSpace(4))
	n, k, _, _, err := from.ReadMsgUnix(name, rights)
	if err != nil {
		return -1, "", err
	}
	list, err := unix.ParseSocketControlMessage(rights[:k])
	if err != nil || len(list) != 1 {
		return -1, "", fmt.Errorf("%w: no descriptor came with %q (%v)", ErrNoTransport, name[:n], err)
	}
	fds, err := unix.ParseUnixRights(&list[0])
	if err != nil || len(fds) != 1 {
		return -1, "", fmt.Errorf("%w: %d descriptors came with %q (%v)", ErrNoTransport, len(fds), name[:n], err)
	}
	return fds[0], string(name[:n]), nil
}

// CloseFD closes a descriptor that nobody wants after all.
func CloseFD(fd int) { _ = unix.Close(fd) }
