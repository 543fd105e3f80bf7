package main

import (
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The example is run as a user would.
func TestCertStore(t *testing.T) {
	out, err := exec.Command("go", "run", ".").CombinedOutput()
	want := "a stranger is refused: true\nher certificate is there: Ada says hello\nher certificate is gone, and so is she: true\n"
	if err != nil || string(out) != want {
		t.Errorf("%v, printed\n%s\nwant\n%s", err, out, want)
	}
}
