package main

import (
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The example is run as a user would.
func TestHello(t *testing.T) {
	out, err := exec.Command("go", "run", ".").CombinedOutput()
	if want := "Hello, Ada!\nHello, Barbara!\nHello, Grace!\n"; err != nil || string(out) != want {
		t.Errorf("%v, printed\n%s\nwant\n%s", err, out, want)
	}
}
