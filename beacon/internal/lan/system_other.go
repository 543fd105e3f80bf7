//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package lan

import "syscall"

// SharePort can't share the port on this system: one beacon for each host.
func SharePort(_, _ string, _ syscall.RawConn) error { return nil }

// TooLong is never the case here.
func TooLong(error) bool { return false }
