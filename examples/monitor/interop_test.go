//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/monitor.py")

func TestInteropMonitor(t *testing.T) {
	look(t, "watch", proc.Start, libzmq)
	look(t, "frames", proc.Start, libzmq)
	look(t, "frames", libzmq, proc.Start)
}
