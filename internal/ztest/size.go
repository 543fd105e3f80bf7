package ztest

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
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

// Seed is where a test's randomness begins: a new one each time, or that of
// ZACTOR_SEED. It is printed when the test fails.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("ZACTOR_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("ZACTOR_SEED: %v", err)
		}
		seed = n
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to repeat: ZACTOR_SEED=%d", seed)
		}
	})
	return seed
}
