//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/helpers.py")

// An object of Python is none of Go, so none is sent.
func TestInteropHelpers(t *testing.T) {
	endpoint := proc.TCP(t, 1)[0]
	s := libzmq(t, "send", endpoint)
	proc.Start(t, "-objects=false", "receive", endpoint).Want(received)
	s.Want("")
	s = proc.Start(t, "-objects=false", "send", endpoint)
	libzmq(t, "receive", endpoint).Want(received)
	s.Want("")
}
