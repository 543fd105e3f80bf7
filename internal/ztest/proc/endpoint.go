package proc

import (
	"fmt"
	"math/rand/v2"
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

// TCP makes n endpoints of this machine whose ports were free a moment ago. They are none
// that a system gives to connections: a server that is away for a moment finds its own
// free.
func TCP(t testing.TB, n int) []string {
	t.Helper()
	var all []string
	for range 1000 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20000+rand.IntN(10000)))
		if err != nil {
			continue
		}
		defer l.Close() // all at once, so that they differ
		if all = append(all, "tcp://"+l.Addr().String()); len(all) == n {
			return all
		}
	}
	t.Fatalf("only %d free ports", len(all))
	return nil
}
