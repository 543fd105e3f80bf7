//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/streamer.py")

func TestInteropStreamer(t *testing.T) {
	stream(t, proc.Start, libzmq)
	stream(t, libzmq, proc.Start)
}
