package mdns

import (
	"context"
	"net"
	"testing"
	"time"
)

// patience is how long a test waits for what has to come. It is only ever waited for
// in full by a test that fails.
const patience = time.Minute

// freePort finds a UDP port that nothing uses now.
func freePort(t testing.TB) int {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Skipf("no UDP on the loopback: %v", err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// within is the time that a test has to hear what it waits for.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}
