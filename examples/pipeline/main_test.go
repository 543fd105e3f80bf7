package main

import (
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The example is run as a user would.
func TestPipeline(t *testing.T) {
	out, err := exec.Command("go", "run", ".").CombinedOutput()
	const want = "the squares from 1 to 1000 add up to 333833500; 3 workers took part\n"
	if err != nil || string(out) != want {
		t.Errorf("%v, printed\n%s\nwant\n%s", err, out, want)
	}
}
