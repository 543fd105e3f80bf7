package proc

import (
	"os"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest"
)

// IPC makes n ipc endpoints that nobody has bound yet, in a folder that goes with
// the test. Its name is short: a socket's path has 107 bytes at most.
func IPC(t testing.TB, n int) []string {
	t.Helper()
	dir, err := os.MkdirTemp("", "z")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	all := make([]string, n)
	for i := range all {
		all[i] = "ipc://" + dir + "/" + string(rune('a'+i))
	}
	return all
}

// TCP makes n endpoints of this machine that are this test's, each with a port of its own:
// see ztest.Port.
func TCP(t testing.TB, n int) []string {
	t.Helper()
	all := make([]string, n)
	for i := range all {
		all[i] = "tcp://" + ztest.Vacant(t)
	}
	return all
}
