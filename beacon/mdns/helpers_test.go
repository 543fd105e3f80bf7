package mdns

import (
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
)

// freePort finds a UDP port that nothing uses now.
func freePort(t testing.TB) int {
	t.Helper()
	return ztest.Port(t)
}
