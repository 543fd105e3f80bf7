//go:build interop && linux

package netns

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// A network is there while its test runs: hosts reach each other until a cable is cut,
// and again when it is mended. With the test all goes, processes among it.
func TestInteropNetwork(t *testing.T) {
	var hosts []string
	var deaf *proc.Peer
	t.Run("while", func(t *testing.T) {
		l := New(t)
		a, b := l.Host(), l.Host()
		hosts = append(hosts, l.bridge, a, b)
		l.Plug(a, "eth0", "10.77.0.1/24")
		l.Plug(b, "eth0", "10.77.0.2/24")
		l.Settle("eth0", a, b)
		e := l.Role(a, "echo")
		e.Say("one", 2)
		if got := e.Want("one"); got != "2" {
			t.Errorf("it says %q", got)
		}
		deaf = l.Daemon(b, []string{proc.AsRole("deaf")}, os.Args[0])
		deaf.Want("READY")
		for _, cut := range []bool{false, true, false} {
			if cut {
				l.Cut(a, "eth0")
			} else {
				l.Mend(a, "eth0")
			}
			if got := reaches(t, a, "10.77.0.2", !cut); got == cut {
				t.Errorf("cut %v, and b is reached: %v", cut, got)
			}
		}
		l.Pull(a, "eth0")
	})
	if t.Skipped() || deaf == nil {
		t.Skip("no network")
	}
	for _, host := range hosts {
		if _, err := os.Stat("/run/netns/" + host); err == nil {
			t.Errorf("%s is still there", host)
		}
	}
	if _, err := os.Stat(fmt.Sprint("/proc/", deaf.PID())); err == nil {
		t.Error("the deaf process is still there")
	}
}

// reaches reports whether a host has a neighbour, for which it may have to ask a few
// times if it is expected to.
func reaches(t *testing.T, host, addr string, expected bool) bool {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		_, _ = run("-n", host, "neigh", "flush", "all")
		dial := exec.Command("ip", "netns", "exec", host, "timeout", "2", "bash", "-c", "echo >/dev/tcp/"+addr+"/9")
		out, err := dial.CombinedOutput()
		if refused := err != nil && strings.Contains(string(out), "refused"); refused || !expected || time.Now().After(end) {
			return refused
		}
	}
}

// What a program that was killed has left is swept up, and what lives is left alone.
func TestInteropSweep(t *testing.T) {
	New(t) // or skip
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	left, live := fmt.Sprintf("%s%d-1", prefix, dead.Process.Pid), name()
	for _, ns := range []string{left, live} {
		if out, err := run("netns", "add", ns); err != nil {
			t.Fatal(out)
		}
		t.Cleanup(func() { _, _ = run("netns", "del", ns) })
	}
	sweep()
	if _, err := os.Stat("/run/netns/" + left); err == nil {
		t.Error("the namespace of a dead program is still there")
	}
	if _, err := os.Stat("/run/netns/" + live); err != nil {
		t.Error(err)
	}
}
