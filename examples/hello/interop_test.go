//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/hello.py")

func TestInteropHello(t *testing.T) {
	for _, endpoint := range []string{proc.TCP(t, 1)[0], proc.IPC(t, 1)[0]} {
		hello(t, endpoint, proc.Start, libzmq)
		hello(t, endpoint, libzmq, proc.Start)
	}
}
