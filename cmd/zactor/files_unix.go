//go:build unix

package main

import "syscall"

// openFiles is how many files this process may have open.
func openFiles() (uint64, bool) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
	return uint64(l.Cur), err == nil // it is signed on FreeBSD
}
