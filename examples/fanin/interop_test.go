//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/fanin.py")

func TestInteropFanIn(t *testing.T) {
	fan(t, proc.Start, libzmq)
	fan(t, libzmq, proc.Start)
}
