package mdns

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// roleVariable names the part that a child process plays: a test runs its own
// binary again where it needs a second process.
const roleVariable = "ZACTOR_MDNS_TEST_ROLE"

var roles = map[string]func() error{}

func TestMain(m *testing.M) {
	if name := os.Getenv(roleVariable); name != "" {
		if err := roles[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
