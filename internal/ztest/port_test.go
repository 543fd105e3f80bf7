package ztest

import (
	"fmt"
	"net"
	"runtime"
	"testing"
)

// A port is one test's until that has ended, whether it is used or not.
func TestPort(t *testing.T) {
	var mine int
	t.Run("one", func(t *testing.T) {
		mine = Port(t)
		seen := map[int]bool{mine: true}
		for range 100 {
			p := Port(t)
			if seen[p] || p < firstPort || p >= firstPort+ports {
				t.Errorf("port %d was given before, or is none of ours", p)
			}
			seen[p] = true
		}
		if _, ok := claimed(mine); ok && runtime.GOOS == "linux" {
			t.Errorf("port %d could be claimed twice", mine)
		}
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", mine))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if vacant(mine) {
			t.Errorf("port %d, at which we listen, is vacant", mine)
		}
	})
	Eventually(t, "it can be claimed again", func() bool { // another test may have it meanwhile
		release, ok := claimed(mine)
		if ok {
			release()
		}
		return ok
	})
}
