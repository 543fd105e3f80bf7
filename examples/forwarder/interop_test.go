//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/forwarder.py")

func TestInteropForwarder(t *testing.T) {
	forward(t, proc.Start, libzmq)
	forward(t, libzmq, proc.Start)
}
