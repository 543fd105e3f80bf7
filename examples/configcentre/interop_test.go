//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/configcentre.py")

func TestInteropConfigCentre(t *testing.T) {
	configure(t, proc.Start, libzmq)
	configure(t, libzmq, proc.Start)
}
