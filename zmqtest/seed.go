package zmqtest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// Seed is where a test's randomness begins: a new one each time, or that of the
// environment's ZACTOR_SEED. It is printed when the test fails.
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
