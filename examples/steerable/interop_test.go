//go:build interop

package main

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/steerable.py")

func TestInteropSteerable(t *testing.T) { steer(t, proc.Start, libzmq) }

// libzmq 4.3.4 answers a REQ that asks for the statistics, and leaves one with
// another command without an answer, in spite of its manual.
func TestInteropSteerableTheirs(t *testing.T) {
	at := proc.IPC(t, 3)
	with := func(args ...string) []string {
		return append([]string{"-front", at[0], "-back", at[1], "-control", at[2]}, args...)
	}
	libzmq(t, with("proxy")...)
	proc.Start(t, with("push")...).Want("")
	proc.Start(t, with("pull")...).Wait()
	proc.Start(t, with("tell", "STATISTICS")...).Want("STATISTICS: 10 90 0 0 0 0 10 90\n")
}
