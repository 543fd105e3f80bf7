//go:build !linux

package gate

import "syscall"

// system asks the system about a socket's queue, of which this one says nothing.
type system struct{}

func newSystem(syscall.RawConn) *system { return &system{} }

func (*system) look() (fill float64, drops uint32, ok bool) { return 0, 0, false }
