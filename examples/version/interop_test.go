//go:build interop

package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// libzmq is the same program in Python, on stock libzmq.
var libzmq = proc.Python("testdata/version.py")

func TestInteropVersion(t *testing.T) {
	address := strings.TrimPrefix(proc.TCP(t, 1)[0], "tcp://")
	peer := libzmq(t, address)
	peer.Expect(`^libzmq 4\.`)
	proc.Start(t, address).Expect(regexp.QuoteMeta(address) + `: ZMTP 3\.1`)
	peer.Interrupt()
}
