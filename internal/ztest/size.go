package ztest

import (
	"flag"
	"os"
	"testing"

	"github.com/go-zactor/zactor/zmqtest"
)

var full = flag.Bool("full", os.Getenv("ZACTOR_FULL") != "", "run torture tests at full size")

// Full reports whether tests are to run at full size.
func Full() bool { return *full }

// Size is how much of something a test does: reduced, or full.
func Size(reduced, full int) int {
	if Full() {
		return full
	}
	return reduced
}

// Seed is where a test's randomness begins: see zmqtest.Seed.
func Seed(t testing.TB) uint64 {
	t.Helper()
	return zmqtest.Seed(t)
}
