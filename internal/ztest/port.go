package ztest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"syscall"
	"testing"
)

// The ports that Port gives are below those that systems give to whoever asks for any: a
// port that was asked for and given back may be another's before it is used.
const firstPort, ports = 20000, 10000

// Port is the number of a port of UDP and TCP at which nobody listens: no other test of this
// machine is given it until this one has ended, and no system gives it to those who ask for
// any, so that a server which is away for a moment finds its own free.
func Port(t testing.TB) int {
	t.Helper()
	for range 1000 {
		p := firstPort + rand.IntN(ports)
		claim, ok := claimed(p)
		if !ok {
			continue
		}
		if vacant(p) {
			t.Cleanup(claim)
			return p
		}
		claim()
	}
	t.Fatal("no free port")
	return 0
}

// Vacant is "127.0.0.1:port" with a Port of its own.
func Vacant(t testing.TB) string {
	t.Helper()
	return fmt.Sprint("127.0.0.1:", Port(t))
}

// Free waits until nobody listens at 127.0.0.1:port any more. Where a listener is closed and
// its port is to be bound again, it may take a moment: a program that another test of this
// process starts has all that is open here, until it runs.
func Free(t testing.TB, port int) {
	t.Helper()
	Eventually(t, fmt.Sprint("port ", port, " is free again"), func() bool { return vacant(port) })
}

// claimed makes a port this test's among all tests of the machine, by a name that goes with
// the process at the latest. Where there are none such the number is left to chance.
func claimed(p int) (release func(), ok bool) {
	if runtime.GOOS != "linux" {
		return func() {}, true
	}
	l, err := net.Listen("unix", fmt.Sprint("@zactor-test-port-", p))
	if err != nil {
		return nil, false
	}
	return func() { l.Close() }, true
}

// vacant says whether nobody has the port. No program is started meanwhile, which would have
// the port for as long as it takes to run.
func vacant(p int) bool {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", p))
	if err != nil {
		return false
	}
	defer l.Close()
	c, err := net.ListenPacket("udp", fmt.Sprint("127.0.0.1:", p))
	if err != nil {
		return false
	}
	c.Close()
	return true
}
