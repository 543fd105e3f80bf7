//go:build interop

package gozeromq_test

import (
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// The programs talk to the example hello in Python, on stock libzmq.
func TestInteropHelloWorld(t *testing.T) {
	libzmq := proc.Python("../hello/testdata/hello.py")
	at := proc.TCP(t, 2)
	libzmq(t, "server", at[0])
	program("hwclient")(t, at[0]).Want(strings.Repeat("sending Msg{Frames:{\"hello\"}}\nreceived Msg{Frames:{\"World\"}}\n", 10))
	program("hwserver")(t, "-work", "1ms", at[1])
	theirs := libzmq(t, "client", at[1])
	theirs.Expect("^Hello 10: World$")
	theirs.Wait()
}
