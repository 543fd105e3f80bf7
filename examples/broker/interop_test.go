//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/broker.py")

func TestInteropBroker(t *testing.T) {
	serve(t, "poll", proc.Start, libzmq)
	serve(t, "proxy", proc.Start, libzmq)
	serve(t, "poll", libzmq, proc.Start)
	serve(t, "proxy", libzmq, proc.Start)
}
