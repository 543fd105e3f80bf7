package proc

import (
	"net"
	"os"
	"testing"
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

// TCP makes n endpoints of this machine whose ports were free a moment ago.
func TCP(t testing.TB, n int) []string {
	t.Helper()
	all := make([]string, n)
	for i := range all {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all at once, so that they differ
		all[i] = "tcp://" + l.Addr().String()
	}
	return all
}
