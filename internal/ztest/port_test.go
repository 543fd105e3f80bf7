package ztest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
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

// A port is free to its test though programs are started beside it, each of which has what
// this process has open for as long as it takes to run.
func TestPortBesideForks(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var starts sync.WaitGroup
	for range 4 {
		starts.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					_ = exec.Command(exe, "-test.run", "^$").Run()
				}
			}
		})
	}
	for range 300 {
		port := Port(t)
		for range 2 {
			var l net.Listener
			var err error
			for range 3 { // between the two a program may be started that has the port for a moment
				Free(t, port)
				if l, err = net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
					break
				}
			}
			if err != nil {
				t.Error(err)
				break
			}
			l.Close()
		}
	}
	close(done)
	starts.Wait()
}
