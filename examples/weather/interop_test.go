//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/weather.py")

func TestInteropWeather(t *testing.T) {
	weather(t, proc.Start, libzmq)
	weather(t, libzmq, proc.Start)
}
