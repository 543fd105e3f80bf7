package ztest

import (
	"path/filepath"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/fault"
)

// What a proxy is told: see fault.
type (
	Proxy     = fault.Proxy
	Manners   = fault.Manners
	Direction = fault.Direction
)

// Up is from the one who dialled to the one who listens, Down is back.
const (
	Up   = fault.Up
	Down = fault.Down
)

// NewProxy makes a proxy for the socket at target, "127.0.0.1:5555" or a path,
// that lives as long as the test.
func NewProxy(t testing.TB, network, target string) *Proxy {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "proxy")
	}
	p, err := fault.New(network, target, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}
