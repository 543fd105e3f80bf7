//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/broadcast.py")

func TestInteropBroadcast(t *testing.T) {
	order(t, proc.Start, libzmq)
	order(t, libzmq, proc.Start)
}
