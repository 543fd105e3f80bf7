//go:build !unix

package session

import "syscall"

const rawReads = false

func (rd *reader) rawLoop(syscall.RawConn) error { return nil }
