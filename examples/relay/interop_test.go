//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/relay.py")

func TestInteropRelay(t *testing.T) {
	relay(t, proc.Start, libzmq)
	relay(t, libzmq, proc.Start)
}
