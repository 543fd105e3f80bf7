//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/gateway.py")

func TestInteropGateway(t *testing.T) {
	game(t, proc.Start, libzmq)
	game(t, libzmq, proc.Start)
}
