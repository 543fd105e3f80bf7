//go:build unix

package transport

import (
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// bindUnix makes a listening socket step by step, because package net leaves
// no room between bind and listen: there the file gets its mode, while nobody
// can connect yet. A umask would do it too, but belongs to the whole process.
func bindUnix(path string, queue int) (*net.UnixListener, error) {
	fd, err := unixSocket()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close() // FileListener works on a copy
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	l, err := restrictAndListen(f, fd, path, queue)
	if err != nil && !strings.HasPrefix(path, "@") {
		_ = unix.Unlink(path)
	}
	return l, err
}

func restrictAndListen(f *os.File, fd int, path string, queue int) (*net.UnixListener, error) {
	if !strings.HasPrefix(path, "@") {
		if err := unix.Chmod(path, 0o600); err != nil {
			return nil, os.NewSyscallError("chmod", err)
		}
	}
	if err := unix.Listen(fd, backlog(queue)); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	return l.(*net.UnixListener), nil
}

// unixSocket makes a socket that no child process inherits.
func unixSocket() (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}

func ownedByUs(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
