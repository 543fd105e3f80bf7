//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/pipeline.py")

func TestInteropPipeline(t *testing.T) {
	pipeline(t, 2, proc.Start, libzmq)
	pipeline(t, 2, libzmq, proc.Start)
}
