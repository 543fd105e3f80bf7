package main

import (
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The example is run as a user would.
func TestCurve(t *testing.T) {
	out, err := exec.Command("go", "run", ".").CombinedOutput()
	if want := "Ada over CURVE: hello, in secret\n"; err != nil || string(out) != want {
		t.Errorf("%v, printed\n%s\nwant\n%s", err, out, want)
	}
}
