//go:build !linux

package transport

import "syscall"

type system struct{}

func (o *Outlet) raw(syscall.RawConn) bool { return false }
